using System.Text;

namespace SaaS.MailHost.Sasl;

/// <summary>PLAIN: authorisation identity, login and password in one answer.</summary>
/// <remarks>RFC 4616 §2. Another authorisation identity than the login is refused: nobody acts for others here.</remarks>
internal sealed class PlainMechanism : ISaslMechanism
{
    public string Name => "PLAIN";

    public ISaslExchange Start(SaslContext context) => new Exchange();

    private sealed class Exchange : ISaslExchange
    {
        public ValueTask<SaslStep> NextAsync(byte[]? response, CancellationToken ct) =>
            ValueTask.FromResult(response is null ? new SaslStep.Challenge("") : Parse(Encoding.UTF8.GetString(response).Split('\0')));

        // message = [authzid] UTF8NUL authcid UTF8NUL passwd   RFC 4616 §2
        private static SaslStep Parse(string[] parts) => parts switch
        {
            { Length: not 3 } => new SaslStep.Malformed("not [authzid] NUL login NUL password"),
            [_, "", _] or [_, _, ""] => new SaslStep.Malformed("empty login or password"),
            [var authzid, var login, _] when authzid.Length > 0 && !authzid.Equals(login, StringComparison.OrdinalIgnoreCase) =>
                new SaslStep.Malformed("authorisation identity is another"),
            [_, var login, var password] => new SaslStep.Password(login, password),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }
}
