namespace SaaS.Domain.Accounts;

/// <summary>The shared secret of a user's authenticator (RFC 6238). It counts once a first code has shown that the authenticator has it.</summary>
public sealed class TotpSecret
{
    public long UserId { get; set; }
    /// <summary>Base32, encrypted.</summary>
    public required string Secret { get; set; }
    /// <summary>The time step of the last code that was taken: none is taken twice.</summary>
    public long LastStep { get; set; }
    public DateTimeOffset? ConfirmedAt { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
}

/// <summary>A code that stands in for a lost second factor, once.</summary>
public sealed class RecoveryCode
{
    public long UserId { get; set; }
    /// <summary>SHA-256 of user and code; the code is 80 random bits, so nobody finds it by trying.</summary>
    public required string Hash { get; set; }
    public DateTimeOffset? UsedAt { get; set; }
}
