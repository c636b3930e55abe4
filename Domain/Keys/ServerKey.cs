namespace SaaS.Domain.Keys;

/// <summary>A secret that all nodes of a process share: token signing and encryption keys, and the ring that protects cookies.</summary>
public sealed class ServerKey
{
    /// <summary>purpose:name</summary>
    public required string Id { get; set; }
    /// <summary>token-signing, token-public, token-encryption, data-protection, scram-salt, srs or forwarding-dkim.</summary>
    public required string Purpose { get; set; }
    /// <summary>PEM or XML; encrypted where it is a secret of Api alone.</summary>
    public required string Value { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
}
