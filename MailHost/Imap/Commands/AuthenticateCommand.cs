using SaaS.Domain.Accounts;
using SaaS.MailHost.Imap.Wire;
using SaaS.MailHost.Sasl;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>AUTHENTICATE: any mechanism that the node has, with or without initial response.</summary>
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

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct) =>
        await s.AdmitAsync(await s.Server.Sasl.RunAsync(new Wire(s), s.Connection, MailProtocols.Imap, a.Mechanism, a.Initial, ct), ct);

    private sealed class Wire(ImapSession s) : ISaslWire
    {
        // continue-req = "+" SP (resp-text / base64) CRLF
        public async ValueTask<string?> AskAsync(string challenge, CancellationToken ct)
        {
            s.Out.Raw("+ "u8).Raw(challenge).Line();
            await s.FlushAsync(ct);
            return await s.ReadLineAsync(null, ct);
        }
    }
}
