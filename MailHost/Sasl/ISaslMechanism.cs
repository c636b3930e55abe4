using SaaS.MailHost.Net;

namespace SaaS.MailHost.Sasl;

/// <summary>What one step of an exchange came to (RFC 4422 §3).</summary>
internal abstract record SaslStep
{
    private SaslStep() { }

    /// <summary>Send this, base64 encoded, and feed what the client answers.</summary>
    internal sealed record Challenge(string Text) : SaslStep;

    /// <summary>The client has said who it is; the protocol asks PasswordAuthenticator.</summary>
    internal sealed record Password(string Login, string Secret) : SaslStep;

    /// <summary>The client's answer makes no sense in this mechanism.</summary>
    internal sealed record Malformed(string Why) : SaslStep;
}

/// <summary>One running exchange; used once.</summary>
internal interface ISaslExchange
{
    /// <param name="response">Decoded answer of the client; null at the start where it sent no initial response.</param>
    SaslStep Next(byte[]? response);
}

internal interface ISaslMechanism
{
    string Name { get; }

    /// <summary>May only be offered where nobody can listen.</summary>
    bool NeedsTls { get; }

    ISaslExchange Start();
}

/// <summary>Every mechanism there is, in the order of preference that is advertised.</summary>
internal static class SaslTable
{
    public static IReadOnlyList<ISaslMechanism> All { get; } = [new PlainMechanism(), new LoginMechanism()];

    /// <summary>What this connection may use now.</summary>
    public static IEnumerable<ISaslMechanism> Offered(ClientConnection connection, AuthOptions options) =>
        connection.IsTls || options.AllowPlaintextAuth ? All : All.Where(m => !m.NeedsTls);

    public static ISaslMechanism? Find(string name) => All.FirstOrDefault(m => m.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
