using System.Text;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;

namespace SaaS.MailHost.Sasl;

/// <summary>OAUTHBEARER and its forerunner XOAUTH2: an access token of ours instead of a password.</summary>
/// <remarks>RFC 7628 §3; XOAUTH2 as Google wrote it. A token that does not hold is answered with JSON that says why, and the client then ends
/// the exchange with a dummy answer (RFC 7628 §3.2.3).</remarks>
internal sealed class BearerMechanism(bool old) : ISaslMechanism
{
    public string Name => old ? "XOAUTH2" : "OAUTHBEARER";

    public ISaslExchange Start(SaslContext context) => new Exchange(context, old);

    private sealed class Exchange(SaslContext context, bool old) : ISaslExchange
    {
        private SaslStep? _failed;

        public async ValueTask<SaslStep> NextAsync(byte[]? response, CancellationToken ct)
        {
            if (_failed is { } failed)
            {
                return failed;
            }

            if (response is null)
            {
                return new SaslStep.Challenge("");
            }

            if (Parse(Encoding.UTF8.GetString(response)) is not var (login, token))
            {
                return new SaslStep.Malformed("not user and bearer token");
            }

            var scope = context.Protocol == MailProtocols.Submission ? AccessTokens.MailSend : AccessTokens.MailRead;
            var outcome = await context.Tokens.SignInAsync(token, login, scope, context.Connection.RemoteAddress, ct);
            if (outcome.Ok || outcome.Refusal.Reason != RefusalReason.Forbidden)
            {
                return new SaslStep.Done(outcome);
            }

            _failed = new SaslStep.Done(outcome);
            var narrow = outcome.Refusal.Field == "scope";
            return new SaslStep.Challenge(old
                ? $$"""{"status":"{{(narrow ? 403 : 401)}}","schemes":"Bearer","scope":"{{scope}}"}"""
                : $$"""{"status":"{{(narrow ? "insufficient_scope" : "invalid_token")}}","scope":"{{scope}}"}""");
        }

        // client-resp = (gs2-header kvsep *kvpair kvsep) / kvsep;  kvpair = key "=" value kvsep   RFC 7628 §3.1
        private (string Login, string Token)? Parse(string text)
        {
            var login = "";
            string? token = null;
            var fields = text.Split('\u0001');
            if (!old)
            {
                var header = fields[0].Split(',');
                if (header.Length < 3 || header[0] is not ("n" or "y") || (header[1].Length > 0 && !header[1].StartsWith("a=", StringComparison.Ordinal)))
                {
                    return null;
                }

                login = header[1].Length > 0
                    ? header[1][2..].Replace("=2C", ",", StringComparison.OrdinalIgnoreCase).Replace("=3D", "=", StringComparison.OrdinalIgnoreCase)
                    : "";
            }

            foreach (var field in old ? fields : fields.AsEnumerable().Skip(1))
            {
                if (old && field.StartsWith("user=", StringComparison.OrdinalIgnoreCase))
                {
                    login = field[5..];
                }
                else if (field.StartsWith("auth=bearer ", StringComparison.OrdinalIgnoreCase))
                {
                    token = field[12..].Trim();
                }
            }

            return string.IsNullOrEmpty(token) ? null : (login, token);
        }
    }
}
