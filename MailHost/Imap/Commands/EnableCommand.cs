using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>ENABLE: extensions that change what we send.</summary>
/// <remarks>RFC 9051 §6.3.1, RFC 5161; CONDSTORE and QRESYNC RFC 7162 §3, UIDONLY RFC 9586, UTF8=ACCEPT RFC 6855.</remarks>
internal sealed class EnableCommand : ImapCommand<EnableCommand.Args>
{
    internal sealed record Args(IReadOnlyList<string> Names);

    public override CommandInfo Info { get; } = new("ENABLE")
    {
        States = ImapStates.SignedIn,
        Capabilities = ["ENABLE", "CONDSTORE", "QRESYNC", "UIDONLY", "UTF8=ACCEPT"],
    };

    // enable = "ENABLE" 1*(SP capability)
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        var names = new List<string>();
        while (r.TrySpace())
        {
            names.Add(r.Keyword());
        }

        return names.Count > 0 ? new Args(names) : throw new ImapSyntaxException("Missing argument.");
    }

    protected override ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        s.Out.Raw("* ENABLED"u8);
        foreach (var name in a.Names)
        {
            switch (name)
            {
                case "CONDSTORE":
                    s.CondStore = true;
                    break;
                case "QRESYNC":
                    s.CondStore = s.QResync = true;
                    break;
                case "UIDONLY":
                    s.UidOnly = true;
                    break;
                case "UTF8=ACCEPT":
                    s.AcceptUtf8();
                    break;
                case "IMAP4REV2":
                    s.EnableRev2();
                    s.Out.Raw(" IMAP4rev2"u8);
                    continue;
                default:
                    continue;
            }

            s.Out.Space().Raw(name);
        }

        s.Out.Line();
        return ValueTask.FromResult(ImapResult.Ok);
    }
}
