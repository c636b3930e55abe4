namespace SaaS.Domain.Keys;

/// <summary>A secret that all nodes of a process share: token signing and encryption keys, and the ring that protects cookies.</summary>
public sealed class ServerKey
{
    /// <summary>purpose:name</summary>
    public required string Id { get; set; }
    /// <summary>token-signing, token-encryption or data-protection.</summary>
    public required string Purpose { get; set; }
    /// <summary>PEM or XML.</summary>
    public required string Value { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
}
