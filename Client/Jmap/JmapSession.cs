using System.Text.Json;

namespace SaaS.Client.Jmap;

/// <summary>The session object (RFC 8620 §2).</summary>
public sealed record JmapSession
{
    public required IReadOnlyDictionary<string, JsonElement> Capabilities { get; init; }
    public required IReadOnlyDictionary<string, JmapAccount> Accounts { get; init; }
    public required IReadOnlyDictionary<string, string> PrimaryAccounts { get; init; }
    public required string Username { get; init; }
    public required string ApiUrl { get; init; }
    public required string DownloadUrl { get; init; }
    public required string UploadUrl { get; init; }
    public required string EventSourceUrl { get; init; }
    public required string State { get; init; }

    /// <summary>The account that mail is read from; null for a user without a mailbox (an operator).</summary>
    public string? MailAccountId => PrimaryAccounts.GetValueOrDefault(JmapCapability.Mail);

    public CoreCapability Core =>
        Capabilities.TryGetValue(JmapCapability.Core, out var core) ? core.Deserialize<CoreCapability>(JmapJson.Options)! : new CoreCapability();
}

public sealed record JmapAccount
{
    public required string Name { get; init; }
    public bool IsPersonal { get; init; }
    public bool IsReadOnly { get; init; }
    public IReadOnlyDictionary<string, JsonElement> AccountCapabilities { get; init; } = new Dictionary<string, JsonElement>();
}

/// <summary>Limits of urn:ietf:params:jmap:core (RFC 8620 §2).</summary>
public sealed record CoreCapability
{
    public long MaxSizeUpload { get; init; }
    public int MaxConcurrentUpload { get; init; }
    public long MaxSizeRequest { get; init; }
    public int MaxConcurrentRequests { get; init; }
    public int MaxCallsInRequest { get; init; }
    public int MaxObjectsInGet { get; init; }
    public int MaxObjectsInSet { get; init; }
    public IReadOnlyList<string> CollationAlgorithms { get; init; } = [];
}
