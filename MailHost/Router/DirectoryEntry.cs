using SaaS.Domain.Common;

namespace SaaS.MailHost.Router;

internal enum TargetKind
{
    /// <summary>Nobody has the local-part.</summary>
    None,
    Mailbox,
    Alias,
    Group,
}

/// <summary>What the directory knows of one address of a local domain.</summary>
internal sealed record DirectoryEntry
{
    public required TenantId Tenant { get; init; }
    public required DomainId Domain { get; init; }
    /// <summary>The domain or its tenant is switched off.</summary>
    public required bool Suspended { get; init; }
    public string? CatchAll { get; init; }
    public TargetKind Kind { get; init; }
    /// <summary>Id of the account, alias or group.</summary>
    public long Target { get; init; }
    /// <summary>The local-part that was found, where that is the received one without its +detail.</summary>
    public string? Detail { get; init; }
    /// <summary>The legacy platform that the account is still at home on.</summary>
    public LegacyPlatformId? Home { get; init; }
    public bool MailboxSuspended { get; init; }
    public bool MailboxFull { get; init; }
    public string[] ForwardTo { get; init; } = [];
    public bool KeepForwarded { get; init; }
    public string[] AliasTargets { get; init; } = [];
    public bool AliasEnabled { get; init; }
    public bool GroupInternalOnly { get; init; }
}
