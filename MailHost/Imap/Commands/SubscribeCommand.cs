using SaaS.Domain.Mailboxes;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>SUBSCRIBE: marks a mailbox. One that does not exist cannot be marked (RFC 9051 leaves that to us).</summary>
/// <remarks>RFC 9051 §6.3.7.</remarks>
internal class SubscribeCommand(MailboxService mailboxes) : ImapCommand<SubscribeCommand.Args>
{
    internal sealed record Args(string Name);

    public override CommandInfo Info { get; } = new("SUBSCRIBE") { States = ImapStates.SignedIn };

    protected virtual bool Subscribed => true;

    // subscribe = "SUBSCRIBE" SP mailbox
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        return new Args(s.MailboxName(r.AString()));
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        if (await s.FindAsync(a.Name, ct) is not { } place)
        {
            return ImapResult.NoMailbox;
        }

        if (place.Shared is not null)
        {
            // The reader's own wish; the owner's stays as it is.
            await s.Server.Readers.SubscribeAsync(place.Account, place.Mailbox.Id, s.Account, Subscribed, ct);
            return ImapResult.Ok;
        }

        var changed = await mailboxes.UpdateAsync(s.Account, place.Mailbox.Id, Subscribed, use: null, sortOrder: null, ct);
        return changed.Ok ? ImapResult.Ok : ImapResult.No(changed.Refusal);
    }
}

/// <summary>UNSUBSCRIBE.</summary>
/// <remarks>RFC 9051 §6.3.8.</remarks>
internal sealed class UnsubscribeCommand(MailboxService mailboxes) : SubscribeCommand(mailboxes)
{
    private static readonly CommandInfo Own = new("UNSUBSCRIBE") { States = ImapStates.SignedIn };

    public override CommandInfo Info => Own;

    protected override bool Subscribed => false;
}
