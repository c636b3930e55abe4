using System.Buffers.Text;
using System.Text;
using SaaS.Domain.Common;
using SaaS.MailHost.ManageSieve.Wire;
using SaaS.MailHost.Sasl;

namespace SaaS.MailHost.ManageSieve;

/// <summary>STARTTLS and AUTHENTICATE (RFC 5804 §2.1, §2.2).</summary>
internal sealed partial class ManageSieveSession
{
    private IEnumerable<string> Mechanisms() => SaslTable.Offered(connection, server.Auth).Select(m => m.Name);

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

        if (SaslTable.Find(arguments[0].Text) is not { } mechanism)
        {
            Say("NO", null, "No such mechanism");
            return;
        }

        if (!SaslTable.Offered(connection, server.Auth).Contains(mechanism))
        {
            Say("NO", "ENCRYPT-NEEDED", "Use STARTTLS first");
            return;
        }

        var exchange = mechanism.Start();
        var text = arguments.Count == 2 ? arguments[1].Text : null;
        for (var step = 0; step < 10; step++)
        {
            if (text is not null && !Base64.IsValid(text))
            {
                Say("NO", null, "Not base64");
                return;
            }

            switch (exchange.Next(text is null ? null : Convert.FromBase64String(text)))
            {
                case SaslStep.Password p:
                    await SignInAsync(p.Login, p.Secret, ct);
                    return;
                case SaslStep.Challenge c:
                    text = await AskAsync(Convert.ToBase64String(Encoding.UTF8.GetBytes(c.Text)), ct);
                    if (text is null or "*")
                    {
                        Say("NO", null, "Cancelled");
                        return;
                    }

                    break;
                default:
                    Say("NO", null, "Authentication failed");
                    return;
            }
        }

        Say("NO", null, "Too many steps");
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

    private async Task SignInAsync(string login, string password, CancellationToken ct)
    {
        var outcome = await server.Authenticator.SignInAsync(login, password, connection.RemoteAddress, ct);
        if (outcome is { Ok: true, Value.Account: { } account })
        {
            (_account, _login) = (account, login);
            server.Metrics.Login(true);
            server.Log.SignedIn(connection.Id, login, connection.RemoteAddress);
            connection.SetDeadline(server.Options.IdleTimeout);
            Say("OK", null, "Signed in");
            return;
        }

        var refusal = outcome.Refusal ?? new Refusal(RefusalReason.Forbidden, "There is no mailbox.");
        server.Metrics.Login(false);
        server.Log.LoginRefused(connection.Id, connection.RemoteAddress, refusal.Reason.ToString());
        _failedLogins++;
        await Task.Delay(server.Options.FailedLoginDelay * _failedLogins, server.Clock, ct);
        if (_failedLogins >= server.Options.MaxFailedLogins)
        {
            Say("BYE", null, "Authentication failed");
            _ended = true;
            return;
        }

        Say("NO", refusal.Reason == RefusalReason.RateLimited ? "TRYLATER" : null, refusal.Reason switch
        {
            RefusalReason.RateLimited => "Too many failed attempts; try again later",
            RefusalReason.Suspended => "This account is suspended",
            _ => "Authentication failed",
        });
    }
}
