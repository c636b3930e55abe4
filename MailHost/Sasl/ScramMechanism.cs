using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SaaS.Domain.Accounts;

namespace SaaS.MailHost.Sasl;

/// <summary>
/// SCRAM-SHA-256: the client proves that it knows the password without sending it, and the server that it does. The variant -PLUS binds the
/// exchange to the TLS connection, so that nobody in between can pass it on.
/// </summary>
/// <remarks>RFC 5802 §5 to §7, RFC 7677; tls-server-end-point RFC 5929 §4. tls-exporter (RFC 9266) would need exported keying material,
/// which SslStream does not give.</remarks>
internal sealed class ScramMechanism(bool plus) : ISaslMechanism
{
    public string Name => plus ? "SCRAM-SHA-256-PLUS" : "SCRAM-SHA-256";

    public bool NeedsChannelBinding => plus;

    public ISaslExchange Start(SaslContext context) => new Exchange(context, plus);

    private sealed class Exchange(SaslContext context, bool plus) : ISaslExchange
    {
        private const string EndPoint = "tls-server-end-point";

        private string _gs2 = "";
        private string _clientFirstBare = "";
        private string _serverFirst = "";
        private string _nonce = "";
        private PasswordAuthenticator.ScramExchange? _keys;
        private SaslStep? _last;

        public async ValueTask<SaslStep> NextAsync(byte[]? response, CancellationToken ct)
        {
            if (_last is { } last)
            {
                // The client's empty answer to the server's signature.
                return response is { Length: 0 } ? last : new SaslStep.Malformed("something behind the end");
            }

            if (response is null)
            {
                return new SaslStep.Challenge("");
            }

            var text = Encoding.UTF8.GetString(response);
            return _keys is null ? await FirstAsync(text, ct) : await FinalAsync(text, ct);
        }

        // client-first-message = gs2-header client-first-message-bare;  gs2-header = gs2-cbind-flag "," [ authzid ] ","
        private async ValueTask<SaslStep> FirstAsync(string text, CancellationToken ct)
        {
            var flagEnd = text.IndexOf(',', StringComparison.Ordinal);
            var headerEnd = flagEnd < 0 ? -1 : text.IndexOf(',', flagEnd + 1);
            if (headerEnd < 0)
            {
                return new SaslStep.Malformed("no GS2 header");
            }

            var flag = text[..flagEnd];
            var authzid = text[(flagEnd + 1)..headerEnd];
            if (CheckBinding(flag) is { } refused)
            {
                return refused;
            }

            _gs2 = text[..(headerEnd + 1)];
            _clientFirstBare = text[(headerEnd + 1)..];
            var parts = _clientFirstBare.Split(',');

            // [reserved-mext ","] username "," nonce ["," extensions]; an extension that must be understood is not
            if (parts.Length < 2 || !parts[0].StartsWith("n=", StringComparison.Ordinal) || !parts[1].StartsWith("r=", StringComparison.Ordinal)
                || parts[1].Length is < 10 or > 256 || SaslName(parts[0][2..]) is not { Length: > 0 } login)
            {
                return new SaslStep.Malformed("not n=login,r=nonce");
            }

            if (authzid.Length > 0 && !(authzid.StartsWith("a=", StringComparison.Ordinal)
                && login.Equals(SaslName(authzid[2..]), StringComparison.OrdinalIgnoreCase)))
            {
                return new SaslStep.Malformed("authorisation identity is another");
            }

            _keys = await context.Passwords.BeginScramAsync(login, context.Protocol, ct);
            _nonce = parts[1][2..] + Convert.ToBase64String(RandomNumberGenerator.GetBytes(18));
            _serverFirst = string.Create(
                CultureInfo.InvariantCulture, $"r={_nonce},s={Convert.ToBase64String(_keys.Salt)},i={_keys.Iterations}");
            return new SaslStep.Challenge(_serverFirst);
        }

        // client-final-message = channel-binding "," nonce ["," extensions] "," proof
        private async ValueTask<SaslStep> FinalAsync(string text, CancellationToken ct)
        {
            var proofAt = text.LastIndexOf(",p=", StringComparison.Ordinal);
            var withoutProof = proofAt < 0 ? "" : text[..proofAt];
            var parts = withoutProof.Split(',');
            if (parts.Length < 2 || !parts[0].StartsWith("c=", StringComparison.Ordinal) || parts[1] != "r=" + _nonce
                || Decode(text[(proofAt + 3)..]) is not { } proof || Decode(parts[0][2..]) is not { } binding)
            {
                return new SaslStep.Malformed("not c=binding,r=nonce,p=proof");
            }

            byte[] expected = [.. Encoding.UTF8.GetBytes(_gs2), .. plus ? context.Connection.ServerEndPoint ?? [] : []];
            if (!CryptographicOperations.FixedTimeEquals(binding, expected))
            {
                return new SaslStep.Malformed("channel bindings do not match");
            }

            var outcome = await context.Passwords.EndScramAsync(
                _keys!, Encoding.UTF8.GetBytes($"{_clientFirstBare},{_serverFirst},{withoutProof}"), proof, context.Connection.RemoteAddress,
                context.Protocol, ct);
            if (!outcome.Ok)
            {
                return new SaslStep.Done(outcome.Refusal);
            }

            _last = new SaslStep.Done(outcome.Value.User);
            return new SaslStep.Challenge("v=" + Convert.ToBase64String(outcome.Value.Signature));
        }

        // gs2-cbind-flag = ("p=" cb-name) / "n" / "y"   RFC 5802 §7
        private SaslStep.Malformed? CheckBinding(string flag)
        {
            if (plus)
            {
                return flag == "p=" + EndPoint ? null : new SaslStep.Malformed("channel binding is tls-server-end-point");
            }

            // "y": the client believes that we cannot bind, but we offered it: somebody took it out of the list (RFC 5802 §6).
            return flag == "n" || (flag == "y" && context.Connection.ServerEndPoint is null)
                ? null
                : new SaslStep.Malformed("the server does support channel binding");
        }

        // saslname: "," as =2C and "=" as =3D   RFC 5802 §5.1
        private static string? SaslName(string text)
        {
            var name = text.Replace("=2C", ",", StringComparison.OrdinalIgnoreCase).Replace("=3D", "\0", StringComparison.OrdinalIgnoreCase);
            return name.Contains('=', StringComparison.Ordinal) ? null : name.Replace('\0', '=');
        }

        private static byte[]? Decode(string text)
        {
            var bytes = new byte[(text.Length * 3 / 4) + 3];
            return Convert.TryFromBase64String(text, bytes, out var written) ? bytes[..written] : null;
        }
    }
}
