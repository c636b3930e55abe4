using System.Globalization;
using SaaS.Domain.Common;

namespace SaaS.Domain.Queue;

/// <summary>What stands in queue rows whose account is at home on a legacy platform: "legacy:" and its id, which no domain can be called.</summary>
public static class LegacyDestination
{
    public const string Prefix = "legacy:";

    /// <summary>For an account: where its rows are to be leased from.</summary>
    public static string Of(LegacyPlatformId? home) => home is { } platform ? Prefix + platform : "";

    public static LegacyPlatformId? Parse(string destination) =>
        destination.StartsWith(Prefix, StringComparison.Ordinal)
        && long.TryParse(destination.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? new LegacyPlatformId(id)
            : null;
}
