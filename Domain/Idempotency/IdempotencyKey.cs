namespace SaaS.Domain.Idempotency;

/// <summary>The answer given to a create call that carried an Idempotency-Key; kept for 24 h.</summary>
public sealed class IdempotencyKey
{
    /// <summary>Client id and user of the call.</summary>
    public required string Owner { get; set; }
    public required string Key { get; set; }
    /// <summary>SHA-256 of method, path and body: the same key with another request is refused.</summary>
    public required byte[] RequestHash { get; set; }
    /// <summary>0 while the first call still runs.</summary>
    public int Status { get; set; }
    public string? Body { get; set; }
    public string? Location { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
}
