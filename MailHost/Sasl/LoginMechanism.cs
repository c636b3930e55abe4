using System.Text;

namespace SaaS.MailHost.Sasl;

/// <summary>LOGIN: asks for login and password one after the other. Never standardised; Outlook and many devices know nothing else.</summary>
/// <remarks>draft-murchison-sasl-login-00. An initial response, which some clients send, is the login.</remarks>
internal sealed class LoginMechanism : ISaslMechanism
{
    public string Name => "LOGIN";

    public ISaslExchange Start(SaslContext context) => new Exchange();

    private sealed class Exchange : ISaslExchange
    {
        private string? _login;
        private bool _asked;

        public ValueTask<SaslStep> NextAsync(byte[]? response, CancellationToken ct) => ValueTask.FromResult(Next(response));

        private SaslStep Next(byte[]? response)
        {
            if (response is null)
            {
                _asked = true;
                return new SaslStep.Challenge("Username:");
            }

            var text = Encoding.UTF8.GetString(response);
            if (_login is null)
            {
                _login = text;
                return text.Length == 0 && !_asked ? Reset() : new SaslStep.Challenge("Password:");
            }

            return _login.Length == 0 || text.Length == 0
                ? new SaslStep.Malformed("empty login or password")
                : new SaslStep.Password(_login, text);
        }

        private SaslStep.Challenge Reset()
        {
            (_login, _asked) = (null, true);
            return new SaslStep.Challenge("Username:");
        }
    }
}
