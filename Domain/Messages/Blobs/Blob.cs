using SaaS.Domain.Common;

namespace SaaS.Domain.Messages.Blobs;

/// <summary>Bytes stored once per tenant, keyed by their SHA-256; never across tenants (that leaks existence and breaks erasure).</summary>
public sealed class Blob : ITenantOwned
{
    public TenantId TenantId { get; set; }
    public required byte[] Hash { get; set; }
    public long Size { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    /// <summary>Set by the first phase of collection; the second deletes what has it for 24 h and is still unreferenced.</summary>
    public DateTimeOffset? CondemnedAt { get; set; }
}

/// <summary>256 KB of a blob, zstd; the default blob store.</summary>
public sealed class BlobChunk : ITenantOwned
{
    public TenantId TenantId { get; set; }
    public required byte[] Hash { get; set; }
    public int Number { get; set; }
    public required byte[] Data { get; set; }
}

/// <summary>A blob that an account uploaded and no message holds yet (RFC 8620 §6); kept for 24 h.</summary>
public sealed class Upload
{
    public AccountId AccountId { get; set; }
    public required byte[] Hash { get; set; }
    public TenantId TenantId { get; set; }
    public required string ContentType { get; set; }
    public long Size { get; set; }
    public DateTimeOffset At { get; set; }
}
