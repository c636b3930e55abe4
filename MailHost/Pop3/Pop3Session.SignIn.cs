using System.Buffers.Text;
using SaaS.Domain.Common;
using SaaS.MailHost.Sasl;

namespace SaaS.MailHost.Pop3;

/// <summary>The AUTHORIZATION state: USER and PASS (RFC 1939 §7), AUTH (RFC 5034), STLS (RFC 2595 §4), CAPA (RFC 2449 §5).</summary>
internal sealed partial class Pop3Session
{
    private bool MayAuthenticate => connection.IsTls || server.Auth.AllowPlaintextAuth;

    private async Task<bool> AuthorizationAsync(string verb, string argument, CancellationToken ct)
    {
        switch (verb)
        {
            case "CAPA":
                Capabilities();
                return true;
            case "USER" when !MayAuthenticate:
            case "PASS" when !MayAuthenticate:
                Say("-ERR [AUTH] Use STLS first");
                return true;
            case "USER":
                _user = argument.Trim();
                Say(_user.Length == 0 ? "-ERR Who?" : "+OK And the password");
                return true;
            case "PASS" when string.IsNullOrEmpty(_user):
                Say("-ERR USER first");
                return true;
            case "PASS":
                // The password is the whole rest of the line, blanks included.
                await SignInAsync(_user, argument, ct);
                return true;
            case "AUTH":
                await AuthenticateAsync(argument.Trim(), ct);
                return true;
            case "STLS":
                await StartTlsAsync(ct);
                return true;
            case "QUIT":
                Say("+OK Good-bye");
                _ended = true;
                return true;
            case "NOOP":
                Say("-ERR Sign in first");
                return true;
            default:
                return false;
        }
    }

    private void Capabilities()
    {
        Say("+OK");
        Say("TOP");
        Say("UIDL");
        Say("RESP-CODES");
        Say("AUTH-RESP-CODE");
        Say("PIPELINING");
        Say("EXPIRE NEVER");
        if (_drop is null)
        {
            if (MayAuthenticate)
            {
                Say("USER");
                Say("SASL " + string.Join(' ', SaslTable.Offered(connection, server.Auth).Select(m => m.Name)));
            }

            if (!connection.IsTls)
            {
                Say("STLS");
            }
        }

        Say(".");
    }

    private async Task StartTlsAsync(CancellationToken ct)
    {
        if (connection.IsTls)
        {
            Say("-ERR TLS is on already");
            return;
        }

        if (connection.HasBufferedInput())
        {
            // What stands behind STLS in clear is an attack, not a client (RFC 2595 §4).
            server.Log.Injection(connection.Id, connection.RemoteAddress);
            Say("-ERR Nothing may follow STLS");
            _ended = true;
            return;
        }

        Say("+OK Begin TLS");
        await connection.Output.FlushAsync(ct);
        _user = null;
        await connection.UpgradeToTlsAsync(ct);
        connection.SetDeadline(server.Options.LoginTimeout);
    }

    private async Task AuthenticateAsync(string argument, CancellationToken ct)
    {
        var parts = argument.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries);
        var offered = SaslTable.Offered(connection, server.Auth).ToList();
        if (parts.Length == 0)
        {
            Say("+OK");
            offered.ForEach(m => Say(m.Name));
            Say(".");
            return;
        }

        if (offered.Find(m => m.Name.Equals(parts[0], StringComparison.OrdinalIgnoreCase)) is not { } mechanism)
        {
            Say(MayAuthenticate ? "-ERR No such mechanism" : "-ERR [AUTH] Use STLS first");
            return;
        }

        var exchange = mechanism.Start();
        var text = parts.Length == 2 ? parts[1] == "=" ? "" : parts[1] : null;
        for (var step = 0; step < 10; step++)
        {
            if (text is not null && !Base64.IsValid(text))
            {
                Say("-ERR Not base64");
                return;
            }

            switch (exchange.Next(text is null ? null : Convert.FromBase64String(text)))
            {
                case SaslStep.Password p:
                    await SignInAsync(p.Login, p.Secret, ct);
                    return;
                case SaslStep.Challenge c:
                    Say("+ " + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(c.Text)));
                    text = await ReadLineAsync(ct);
                    if (text is null)
                    {
                        _ended = true;
                        return;
                    }

                    if (text == "*")
                    {
                        Say("-ERR Cancelled");
                        return;
                    }

                    break;
                default:
                    Say("-ERR [AUTH] Authentication failed");
                    return;
            }
        }

        Say("-ERR Too many steps");
    }

    private async Task SignInAsync(string login, string password, CancellationToken ct)
    {
        var outcome = await server.Authenticator.SignInAsync(login, password, connection.RemoteAddress, ct);
        if (outcome is { Ok: true, Value.Account: { } account })
        {
            _drop = await Maildrop.OpenAsync(server.Store, server.Mailboxes, account, server.Options.MaxMessages, ct);
            server.Log.SignedIn(connection.Id, login, connection.RemoteAddress);
            connection.SetDeadline(server.Options.IdleTimeout);
            Say($"+OK {_drop.Left} messages");
            return;
        }

        var refusal = outcome.Refusal ?? new Refusal(RefusalReason.Forbidden, "There is no mailbox.");
        server.Log.LoginRefused(connection.Id, connection.RemoteAddress, refusal.Reason.ToString());
        _user = null;
        _failedLogins++;
        await Task.Delay(server.Options.FailedLoginDelay * _failedLogins, server.Clock, ct);
        Say(refusal.Reason switch
        {
            RefusalReason.RateLimited => "-ERR [SYS/TEMP] Too many failed attempts; try again later",
            RefusalReason.Suspended => "-ERR [SYS/PERM] This account is suspended",
            _ => "-ERR [AUTH] Authentication failed",
        });
        _ended = _failedLogins >= server.Options.MaxFailedLogins;
    }
}
