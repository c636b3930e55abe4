using SaaS.Domain.Mailboxes;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>XLIST: LIST as Gmail once had it, with special uses as attributes; old phones still ask for it.</summary>
/// <remarks>Never standardised; RFC 6154 took its place.</remarks>
internal sealed class XListCommand : ImapCommand<XListCommand.Args>
{
    internal sealed record Args(string Reference, string Pattern);

    public override CommandInfo Info { get; } = new("XLIST") { States = ImapStates.SignedIn, Capabilities = ["XLIST"] };

    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        var reference = s.MailboxName(r.AString());
        r.Space();
        return new Args(reference, s.MailboxName(r.ListMailbox()));
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        var all = (await s.ListAsync(withShared: false, ct)).Select(p => p.Mailbox).ToList();
        var pattern = ListCommand.Canonical(a.Pattern.StartsWith('/') ? a.Pattern[1..] : a.Reference + a.Pattern);
        foreach (var mailbox in all.Where(m => ListResponse.Matches(pattern, m.Name)))
        {
            var below = all.Any(m => m.Name.StartsWith(mailbox.Name + "/", StringComparison.Ordinal));
            var use = mailbox.SpecialUse switch
            {
                SpecialUse.Inbox => " \\Inbox",
                SpecialUse.Junk => " \\Spam",
                SpecialUse.Flagged => " \\Starred",
                SpecialUse.All or SpecialUse.Archive => " \\AllMail",
                var other => ListResponse.Attribute(other) is { } name ? " " + name : "",
            };
            s.Out.Raw(below ? "* XLIST (\\HasChildren"u8 : "* XLIST (\\HasNoChildren"u8).Raw(use).Raw(") \"/\" "u8).Mailbox(mailbox.Name).Line();
        }

        return ImapResult.Ok;
    }
}
