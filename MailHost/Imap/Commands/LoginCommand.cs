using SaaS.Domain.Accounts;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>LOGIN: a password in clear, so only over TLS.</summary>
/// <remarks>RFC 9051 §6.2.3.</remarks>
internal sealed class LoginCommand : ImapCommand<LoginCommand.Args>
{
    internal sealed record Args(string Login, string Password);

    public override CommandInfo Info { get; } = new("LOGIN") { States = ImapStates.NotAuthenticated, Secret = true };

    // login = "LOGIN" SP userid SP password
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        var login = r.AString();
        r.Space();
        return new Args(login, r.AString());
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct) =>
        await s.AdmitAsync(await s.Server.Sasl.PasswordAsync(a.Login, a.Password, s.Connection, MailProtocols.Imap, ct), ct);
}
