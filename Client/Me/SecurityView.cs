namespace SaaS.Client.Me;

/// <summary>How the user signs in.</summary>
/// <param name="Totp">An authenticator is set up: sign-in asks for its code.</param>
/// <param name="CodesLeft">Recovery codes that were not used yet.</param>
/// <param name="Required">The organisation asks for a second factor.</param>
public sealed record SecurityView(bool Totp, int CodesLeft, IReadOnlyList<PasskeyView> Passkeys, bool Required);

public sealed record PasskeyView(string Id, string Name, DateTimeOffset CreatedAt, bool Synced);

/// <summary>A sign-in that is open.</summary>
/// <param name="Method">password, code or passkey.</param>
/// <param name="Current">The one that this call came with.</param>
public sealed record SessionView(
    string Id, DateTimeOffset CreatedAt, DateTimeOffset SeenAt, string? Address, string? UserAgent, string Method, bool Current);

/// <summary>What changes how one signs in asks for the password again: an open session alone is not enough.</summary>
public sealed record ProvePassword(string Password);

/// <param name="Secret">Base32, for typing in.</param>
/// <param name="Uri">otpauth://</param>
/// <param name="Picture">The same as a QR code, a data: address.</param>
public sealed record TotpStarted(string Secret, string Uri, string Picture);

public sealed record ConfirmTotp(string Code);

/// <summary>Seen once and never again.</summary>
public sealed record RecoveryCodes(IReadOnlyList<string> Codes);

/// <param name="Options">JSON for navigator.credentials.create.</param>
/// <param name="State">Goes back with the answer; good for five minutes.</param>
public sealed record PasskeyStarted(string Options, string State);

/// <param name="Credential">The browser's answer, as JSON.</param>
public sealed record AddPasskey(string Name, string Credential, string State);
