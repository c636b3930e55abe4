using SaaS.Domain.Common;

namespace SaaS.Domain.Messages.Blobs;

/// <summary>Bytes too large for a row: in PostgreSQL by default, in an S3-compatible service when configured.</summary>
public interface IBlobStore
{
    /// <summary>Stores what is not there yet and returns its SHA-256. Returned means durable.</summary>
    Task<byte[]> PutAsync(TenantId tenant, MessageBytes bytes, CancellationToken ct);

    /// <summary>Null when it does not exist. The stream reads ahead by one chunk at most.</summary>
    Task<Stream?> OpenAsync(TenantId tenant, byte[] hash, CancellationToken ct);

    Task DeleteAsync(TenantId tenant, byte[] hash, CancellationToken ct);
}
