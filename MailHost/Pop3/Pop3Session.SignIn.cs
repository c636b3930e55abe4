using SaaS.Domain.Accounts;
using SaaS.Domain.Common;
using SaaS.MailHost.Sasl;

namespace SaaS.MailHost.Pop3;

/// <summary>The AUTHORIZATION state: USER and PASS (RFC 1939 §7), AUTH (RFC 5034), STLS (RFC 2595 §4), CAPA (RFC 2449 §5).</summary>
internal sealed partial class Pop3Session
{
    private bool MayAuthenticate => server.Sasl.MaySignIn(connection);

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
                await AdmitAsync(await server.Sasl.PasswordAsync(_user, argument, connection, MailProtocols.Pop3, ct), ct);
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
                Say("SASL " + string.Join(' ', server.Sasl.Offered(connection)));
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
        if (parts.Length == 0)
        {
            Say("+OK");
            foreach (var mechanism in server.Sasl.Offered(connection))
            {
                Say(mechanism);
            }

            Say(".");
            return;
        }

        await AdmitAsync(
            await server.Sasl.RunAsync(new Wire(this), connection, MailProtocols.Pop3, parts[0], parts.Length == 2 ? parts[1] : null, ct), ct);
    }

    private async Task AdmitAsync(SaslResult result, CancellationToken ct)
    {
        switch (result.Status)
        {
            case SaslStatus.SignedIn:
                _drop = await Maildrop.OpenAsync(server.Store, server.Mailboxes, result.User!.Account!.Value, server.Options.MaxMessages, ct);
                server.Log.SignedIn(connection.Id, result.User.Login, connection.RemoteAddress);
                connection.SetDeadline(server.Options.IdleTimeout);
                Say($"+OK {_drop.Left} messages");
                return;
            case SaslStatus.Elsewhere:
                var opened = await server.Proxy.OpenAsync(MailProtocols.Pop3, result.User!, connection, null, ct);
                if (opened.Ok)
                {
                    await using var legacy = opened.Value;
                    Say("+OK Signed in");
                    await connection.Output.FlushAsync(ct);
                    await legacy.SpliceAsync(connection, ct);
                    _ended = true;
                    return;
                }

                if (opened.Refusal.Reason != RefusalReason.Forbidden)
                {
                    Say($"-ERR [{opened.Refusal.Reason switch { RefusalReason.Conflict => "IN-USE", RefusalReason.NotFound => "SYS/PERM", _ => "SYS/TEMP" }}] {opened.Refusal.Text}");
                    return;
                }

                result = result with { Refusal = opened.Refusal };
                break;
            case SaslStatus.NoMechanism:
                Say("-ERR No such mechanism");
                return;
            case SaslStatus.NeedsTls:
                Say("-ERR [AUTH] Use STLS first");
                return;
            case SaslStatus.NotBase64:
                Say("-ERR Not base64");
                return;
            case SaslStatus.Cancelled:
                Say("-ERR Cancelled");
                return;
            case SaslStatus.Ended:
                _ended = true;
                return;
        }

        var reason = result.Refusal?.Reason ?? RefusalReason.Forbidden;
        server.Log.LoginRefused(connection.Id, connection.RemoteAddress, result.Why ?? reason.ToString());
        _user = null;
        _failedLogins++;
        await Task.Delay(server.Options.FailedLoginDelay * _failedLogins, server.Clock, ct);
        Say(reason switch
        {
            RefusalReason.RateLimited => "-ERR [SYS/TEMP] Too many failed attempts; try again later",
            RefusalReason.Suspended => "-ERR [SYS/PERM] This account is suspended",
            _ => "-ERR [AUTH] Authentication failed",
        });
        _ended = _failedLogins >= server.Options.MaxFailedLogins;
    }

    private sealed class Wire(Pop3Session session) : ISaslWire
    {
        // continue-req = "+" SP [base64] CRLF   RFC 5034 §6
        public async ValueTask<string?> AskAsync(string challenge, CancellationToken ct)
        {
            session.Say("+ " + challenge);
            return await session.ReadLineAsync(ct);
        }
    }
}
