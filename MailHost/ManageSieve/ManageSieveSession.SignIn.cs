using SaaS.Domain.Accounts;
using SaaS.Domain.Common;
using SaaS.MailHost.ManageSieve.Wire;
using SaaS.MailHost.Sasl;

namespace SaaS.MailHost.ManageSieve;

/// <summary>STARTTLS and AUTHENTICATE (RFC 5804 §2.1, §2.2).</summary>
internal sealed partial class ManageSieveSession
{
    private IEnumerable<string> Mechanisms() => server.Sasl.Offered(connection);

    private async Task StartTlsAsync(CancellationToken ct)
    {
        if (connection.IsTls || _account is not null)
        {
            Say("NO", null, connection.IsTls ? "TLS is on already" : "Too late for TLS");
            return;
        }

        if (connection.HasBufferedInput())
        {
            // What stands behind STARTTLS in clear is an attack, not a client.
            server.Log.Injection(connection.Id, connection.RemoteAddress);
            Say("BYE", null, "Nothing may follow STARTTLS");
            _ended = true;
            return;
        }

        Say("OK", null, "Begin TLS");
        await connection.Output.FlushAsync(ct);
        await connection.UpgradeToTlsAsync(ct);
        connection.SetDeadline(server.Options.LoginTimeout);

        // What was said in clear may have been changed on its way: the capabilities once more, unasked (RFC 5804 §2.2).
        Capabilities();
        Say("OK", null, "TLS is on");
    }

    // AUTHENTICATE SP auth-type [SP string]; challenges and answers are strings as well
    private async Task AuthenticateAsync(ManageSieveCommand command, CancellationToken ct)
    {
        if (_account is not null)
        {
            Say("NO", null, "You are signed in already");
            return;
        }

        if (command.Arguments is not { Count: 1 or 2 } arguments || !arguments.All(a => a.IsString))
        {
            throw new ManageSieveSyntaxException("AUTHENTICATE takes a mechanism and an initial response");
        }

        await AdmitAsync(await server.Sasl.RunAsync(
            new Wire(this), connection, MailProtocols.ManageSieve, arguments[0].Text, arguments.Count == 2 ? arguments[1].Text : null, ct), ct);
    }

    private async ValueTask<string?> AskAsync(string challenge, CancellationToken ct)
    {
        connection.Output.String(challenge).Line();
        if (await ReadAsync(ct) is not { } octets)
        {
            _ended = true;
            return null;
        }

        return ManageSieveCommand.Parse(octets) is { Name: "", Arguments: [var answer] } ? answer.Text
            : throw new ManageSieveSyntaxException("The answer is a string");
    }

    private async Task AdmitAsync(SaslResult result, CancellationToken ct)
    {
        switch (result.Status)
        {
            case SaslStatus.SignedIn:
                (_account, _login) = (result.User!.Account, result.User.Login);
                server.Metrics.Login(true);
                server.Log.SignedIn(connection.Id, _login, connection.RemoteAddress);
                connection.SetDeadline(server.Options.IdleTimeout);
                Say("OK", null, "Signed in");
                return;
            case SaslStatus.Elsewhere:
                var opened = await server.Proxy.OpenAsync(MailProtocols.ManageSieve, result.User!, connection, null, ct);
                if (opened.Ok)
                {
                    await using var legacy = opened.Value;
                    server.Metrics.Login(true);
                    Say("OK", null, "Signed in");
                    await connection.Output.FlushAsync(ct);
                    await legacy.SpliceAsync(connection, ct);
                    _ended = true;
                    return;
                }

                if (opened.Refusal.Reason != RefusalReason.Forbidden)
                {
                    server.Metrics.Login(false);
                    Say("NO", opened.Refusal.Reason == RefusalReason.NotFound ? null : "TRYLATER", opened.Refusal.Text);
                    return;
                }

                result = result with { Refusal = opened.Refusal };
                break;
            case SaslStatus.NoMechanism:
                Say("NO", null, "No such mechanism");
                return;
            case SaslStatus.NeedsTls:
                Say("NO", "ENCRYPT-NEEDED", "Use STARTTLS first");
                return;
            case SaslStatus.NotBase64:
                Say("NO", null, "Not base64");
                return;
            case SaslStatus.Cancelled:
                Say("NO", null, "Cancelled");
                return;
            case SaslStatus.Ended:
                _ended = true;
                return;
            default:
                break;
        }

        var reason = result.Refusal?.Reason ?? RefusalReason.Forbidden;
        server.Metrics.Login(false);
        server.Log.LoginRefused(connection.Id, connection.RemoteAddress, result.Why ?? reason.ToString());
        _failedLogins++;
        await Task.Delay(server.Options.FailedLoginDelay * _failedLogins, server.Clock, ct);
        if (_failedLogins >= server.Options.MaxFailedLogins)
        {
            Say("BYE", null, "Authentication failed");
            _ended = true;
            return;
        }

        Say("NO", reason is RefusalReason.RateLimited or RefusalReason.TemporarilyUnavailable ? "TRYLATER" : null, reason switch
        {
            RefusalReason.RateLimited => "Too many failed attempts; try again later",
            RefusalReason.Suspended => "This account is suspended",
            _ => "Authentication failed",
        });
    }

    private sealed class Wire(ManageSieveSession session) : ISaslWire
    {
        public ValueTask<string?> AskAsync(string challenge, CancellationToken ct) => session.AskAsync(challenge, ct);
    }
}
