using System.Text;

namespace SaaS.MailHost.Sasl;

/// <summary>PLAIN: authorisation identity, login and password in one answer.</summary>
/// <remarks>RFC 4616 §2. Another authorisation identity than the login is refused: nobody acts for others here.</remarks>
internal sealed class PlainMechanism : ISaslMechanism
{
    public string Name => "PLAIN";

    public bool NeedsTls => true;

    public ISaslExchange Start() => new Exchange();

    private sealed class Exchange : ISaslExchange
    {
        // message = [authzid] UTF8NUL authcid UTF8NUL passwd   RFC 4616 §2
        public SaslStep Next(byte[]? response)
        {
            if (response is null)
            {
                return new SaslStep.Challenge("");
            }

            var parts = Encoding.UTF8.GetString(response).Split('\0');
            return parts switch
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
}
