using System.Buffers.Text;
using SaaS.MailHost.Imap.Wire;
using SaaS.MailHost.Sasl;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>AUTHENTICATE: any mechanism of the SASL table, with or without initial response.</summary>
/// <remarks>RFC 9051 §6.2.2; SASL-IR RFC 4959. One bad answer hurts this exchange only.</remarks>
internal sealed class AuthenticateCommand : ImapCommand<AuthenticateCommand.Args>
{
    internal sealed record Args(string Mechanism, string? Initial);

    public override CommandInfo Info { get; } = new("AUTHENTICATE")
    {
        States = ImapStates.NotAuthenticated,
        Capabilities = ["SASL-IR"],
        Secret = true,
    };

    // authenticate = "AUTHENTICATE" SP auth-type [SP initial-resp]
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        var mechanism = r.AtomText();
        return new Args(mechanism, r.TrySpace() ? r.AString() : null);
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        var mechanism = SaslTable.Find(a.Mechanism);
        if (mechanism is null)
        {
            return ImapResult.No("No such mechanism.", "CANNOT");
        }

        if (!SaslTable.Offered(s.Connection, s.Server.Auth).Contains(mechanism))
        {
            return ImapResult.No("Use STARTTLS first.", "PRIVACYREQUIRED");
        }

        var exchange = mechanism.Start();
        // "=" is an initial response of no octets   RFC 4959 §3
        var text = a.Initial == "=" ? "" : a.Initial;
        for (var steps = 0; steps < 10; steps++)
        {
            byte[]? response = null;
            if (text is not null)
            {
                if (!Base64.IsValid(text))
                {
                    return ImapResult.Bad("Not base64.");
                }

                response = Convert.FromBase64String(text);
            }

            switch (exchange.Next(response))
            {
                case SaslStep.Password p:
                    return await s.SignInAsync(p.Login, p.Secret, ct);
                case SaslStep.Malformed:
                    return ImapResult.No("Authentication failed.", "AUTHENTICATIONFAILED");
                case SaslStep.Challenge c:
                    s.Out.Raw("+ "u8).Raw(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(c.Text))).Line();
                    await s.FlushAsync(ct);
                    text = await s.ReadLineAsync(null, ct);
                    if (text is null)
                    {
                        return ImapResult.Bad("Cancelled.") with { After = ImapAfter.Close };
                    }

                    if (text == "*")
                    {
                        return ImapResult.Bad("Cancelled.");
                    }

                    break;
            }
        }

        return ImapResult.Bad("Too many steps.");
    }
}
