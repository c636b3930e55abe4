namespace SaaS.Client.AppPasswords;

/// <summary>A password for one mail program.</summary>
/// <param name="Protocols">imap, pop3, smtp, sieve.</param>
/// <param name="LastUsedAt">To five minutes.</param>
public sealed record AppPasswordView(
    long Id, string Label, IReadOnlyList<string> Protocols, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt,
    string? LastUsedProtocol, string? LastUsedAddress);

public sealed record AppPasswordList(IReadOnlyList<AppPasswordView> Items);

/// <param name="Current">The account's own password: a token alone makes no passwords.</param>
/// <param name="Protocols">Null: all.</param>
/// <param name="ExpiresAt">Null: until revoked.</param>
public sealed record CreateAppPassword(string Current, string Label, IReadOnlyList<string>? Protocols = null, DateTimeOffset? ExpiresAt = null);

/// <param name="Password">Shown this once.</param>
public sealed record AppPasswordCreated(AppPasswordView AppPassword, string Password);
