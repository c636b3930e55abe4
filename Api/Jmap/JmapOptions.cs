namespace SaaS.Api.Jmap;

/// <summary>Limits that the session object states (RFC 8620 §2). Section "Jmap".</summary>
public sealed class JmapOptions
{
    public int MaxObjectsInGet { get; set; } = 500;
    public int MaxObjectsInSet { get; set; } = 500;
    public int MaxCallsInRequest { get; set; } = 16;
    /// <summary>Octets.</summary>
    public int MaxSizeRequest { get; set; } = 10 * 1024 * 1024;
    /// <summary>Octets.</summary>
    public long MaxSizeUpload { get; set; } = 50 * 1024 * 1024;
    public int MaxConcurrentRequests { get; set; } = 4;
    public int MaxConcurrentUpload { get; set; } = 4;
    /// <summary>Requests above <see cref="MaxConcurrentRequests"/> wait for so long before they are refused.</summary>
    public TimeSpan ConcurrencyWait { get; set; } = TimeSpan.FromSeconds(5);
    /// <summary>Ids of one query; more are cut and the response says so.</summary>
    public int MaxQueryResults { get; set; } = 5000;
    /// <summary>Event source connections of one account on this node.</summary>
    public int MaxEventSources { get; set; } = 50;
    /// <summary>Octets of one body value; longer ones are cut and say so.</summary>
    public int MaxBodyValue { get; set; } = 5 * 1024 * 1024;
    /// <summary>Octets of the attachments and text of one email.</summary>
    public long MaxSizeAttachments { get; set; } = 50 * 1024 * 1024;
}
