using SaaS.Domain.Accounts;
using SaaS.Domain.Common;
using SaaS.MailHost.Net;

namespace SaaS.MailHost.Sasl;

/// <summary>What one step of an exchange came to (RFC 4422 §3).</summary>
internal abstract record SaslStep
{
    private SaslStep() { }

    /// <summary>Send this, base64 encoded, and feed what the client answers.</summary>
    internal sealed record Challenge(byte[] Data) : SaslStep
    {
        public Challenge(string text)
            : this(System.Text.Encoding.UTF8.GetBytes(text)) { }
    }

    /// <summary>The client has said who it is and how it knows.</summary>
    internal sealed record Password(string Login, string Secret) : SaslStep;

    /// <summary>The mechanism has asked and knows the answer.</summary>
    internal sealed record Done(Outcome<SignedIn> Outcome) : SaslStep;

    /// <summary>The client's answer makes no sense in this mechanism.</summary>
    internal sealed record Malformed(string Why) : SaslStep;
}

/// <summary>What a mechanism may know of the connection it runs on.</summary>
/// <param name="Connection">For the client's address and the channel binding.</param>
/// <param name="Protocol">The protocol that the client speaks.</param>
internal sealed record SaslContext(ClientConnection Connection, MailProtocols Protocol, PasswordAuthenticator Passwords, AccessTokens Tokens);

/// <summary>One running exchange; used once.</summary>
internal interface ISaslExchange
{
    /// <param name="response">Decoded answer of the client; null at the start where it sent no initial response.</param>
    /// <param name="ct">Cancels.</param>
    ValueTask<SaslStep> NextAsync(byte[]? response, CancellationToken ct);
}

internal interface ISaslMechanism
{
    string Name { get; }

    ISaslExchange Start(SaslContext context);
}
