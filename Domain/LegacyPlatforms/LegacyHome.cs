using SaaS.Domain.Common;

namespace SaaS.Domain.LegacyPlatforms;

/// <summary>Where an account is at home that has not moved here yet. A class, not a record: what it holds must not find its way into a log line.</summary>
public sealed class LegacyHome(LegacyPlatformId platform, string? userName, bool hasMaster)
{
    public LegacyPlatformId Platform => platform;

    /// <summary>The account's own user name there; null: by the platform's rule.</summary>
    public string? UserName => userName;

    /// <summary>The platform has a master user, so whoever proved here who it is can be let in there.</summary>
    public bool HasMaster => hasMaster;

    /// <summary>What the platform itself has to judge; null: the user is known, and the master user signs in.</summary>
    public string? Password { get; private init; }

    public LegacyHome With(string password) => new(platform, userName, hasMaster) { Password = password };
}
