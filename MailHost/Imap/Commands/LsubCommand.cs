using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>LSUB: subscribed mailboxes, the old way.</summary>
/// <remarks>RFC 3501 §6.3.9: with "%" a parent that is not subscribed itself is shown as \Noselect.</remarks>
internal sealed class LsubCommand : ImapCommand<LsubCommand.Args>
{
    internal sealed record Args(string Reference, string Pattern);

    public override CommandInfo Info { get; } = new("LSUB") { States = ImapStates.SignedIn };

    // lsub = "LSUB" SP mailbox SP list-mailbox
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        var reference = s.MailboxName(r.AString());
        r.Space();
        return new Args(reference, s.MailboxName(r.ListMailbox()));
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        var pattern = ListCommand.Canonical(a.Pattern.StartsWith('/') ? a.Pattern[1..] : a.Reference + a.Pattern);
        var all = (await s.ListAsync(ListResponse.MayReachShared(pattern), ct)).Select(p => p.Mailbox).ToList();
        foreach (var mailbox in all)
        {
            if (!ListResponse.Matches(pattern, mailbox.Name))
            {
                continue;
            }

            var below = pattern.EndsWith('%')
                && all.Any(m => m.Subscribed && m.Name.StartsWith(mailbox.Name + "/", StringComparison.Ordinal));
            if (mailbox.Subscribed || below)
            {
                s.Out.Raw(mailbox.Subscribed ? "* LSUB () \"/\" "u8 : "* LSUB (\\Noselect) \"/\" "u8).Mailbox(mailbox.Name).Line();
            }
        }

        return ImapResult.Ok;
    }
}
