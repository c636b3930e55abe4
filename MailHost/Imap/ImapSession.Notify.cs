using SaaS.Domain.Common;
using SaaS.Domain.Mailboxes;
using SaaS.MailHost.Imap.Commands;
using SaaS.MailHost.Imap.Commands.Fetch;

namespace SaaS.MailHost.Imap;

/// <summary>What NOTIFY asked for: looked at whenever the change feed wakes the session between commands or in IDLE (RFC 5465).</summary>
internal sealed partial class ImapSession
{
    private IReadOnlyList<NotifyGroup>? _notify;
    private const NotifyEvents Metadata = NotifyEvents.MailboxMetadataChange | NotifyEvents.ServerMetadataChange;

    private Dictionary<MailboxId, Mailbox> _notifyKnown = [];
    private IReadOnlyDictionary<(MailboxId Mailbox, string Entry), long> _notifyEntries = new Dictionary<(MailboxId, string), long>();
    private long _notifySeen;

    /// <summary>Whether the client wants to hear of things without asking.</summary>
    public bool HasNotify => _notify is not null;

    /// <param name="groups">Null: none.</param>
    /// <param name="status">Tell of the mailboxes as they are now first.</param>
    /// <param name="ct">Cancels.</param>
    public async ValueTask SetNotifyAsync(IReadOnlyList<NotifyGroup>? groups, bool status, CancellationToken ct)
    {
        _notify = groups;
        _notifyKnown = [];
        _notifySeen = Hint;
        if (groups is null || !groups.Any(g => !g.Filter.IsSelected && g.Events != NotifyEvents.None))
        {
            return;
        }

        if (groups.Any(g => (g.Events & Metadata) != 0))
        {
            _notifyEntries = await Server.Annotations.EntriesAsync(Account, ct);
        }

        foreach (var mailbox in await Server.Mailboxes.ListAsync(Account, ct))
        {
            _notifyKnown[mailbox.Id] = mailbox;
            if (status && mailbox.Id != Selected?.Id && (EventsOf(mailbox) & NotifyEvents.Messages) != 0)
            {
                TellStatus(mailbox);
                await FlushIfLargeAsync(ct);
            }
        }
    }

    /// <summary>Tells what happened since it was last looked.</summary>
    public async ValueTask TellNotifiedAsync(CancellationToken ct)
    {
        if (_notify is null || Hint <= _notifySeen)
        {
            return;
        }

        _notifySeen = Hint;
        if (Selected is { } box && _notify.FirstOrDefault(g => g.Filter.IsSelected) is { } own && (own.Events & NotifyEvents.Messages) != 0)
        {
            var next = box.View.UidNext;
            await TellNewsAsync(mayExpunge: own.Filter.Of == MailboxFilter.Scope.Selected, ct);
            if (own.Fetch.Count > 0 && box.View.UidNext > next)
            {
                await ((FetchCommand)Server.Commands.Find("FETCH")!).TellAsync(this, next, own.Fetch, ct);
            }
        }

        if (_notifyKnown.Count > 0 || _notify.Any(g => !g.Filter.IsSelected))
        {
            await TellOthersAsync(ct);
        }

        await FlushAsync(ct);
    }

    private async ValueTask TellOthersAsync(CancellationToken ct)
    {
        var all = await Server.Mailboxes.ListAsync(Account, ct);
        var gone = new Dictionary<MailboxId, Mailbox>(_notifyKnown);
        foreach (var mailbox in all)
        {
            var events = EventsOf(mailbox);
            if (!gone.Remove(mailbox.Id, out var before))
            {
                if (events.HasFlag(NotifyEvents.MailboxName))
                {
                    TellName(mailbox, all, null);
                }
            }
            else if (before.Name != mailbox.Name)
            {
                if (events.HasFlag(NotifyEvents.MailboxName) || EventsOf(before).HasFlag(NotifyEvents.MailboxName))
                {
                    TellName(mailbox, all, before.Name);
                }
            }
            else if (before.Subscribed != mailbox.Subscribed && events.HasFlag(NotifyEvents.SubscriptionChange))
            {
                TellName(mailbox, all, null);
            }

            var isNew = before is null ? mailbox.Total > 0 : before.UidNext != mailbox.UidNext || before.Total != mailbox.Total;
            var isChanged = before is not null && before.HighestModSeq != mailbox.HighestModSeq;
            if (mailbox.Id != Selected?.Id
                && ((isNew && events.HasFlag(NotifyEvents.MessageNew)) || (isChanged && !isNew && events.HasFlag(NotifyEvents.FlagChange))))
            {
                TellStatus(mailbox);
            }

            await FlushIfLargeAsync(ct);
        }

        foreach (var mailbox in gone.Values)
        {
            if (EventsOf(mailbox).HasFlag(NotifyEvents.MailboxName))
            {
                Out.Raw("* LIST (\\NonExistent) \"/\" "u8).Mailbox(mailbox.Name).Line();
            }
        }

        _notifyKnown = all.ToDictionary(m => m.Id);
        if (_notify!.Any(g => (g.Events & Metadata) != 0))
        {
            await TellMetadataAsync(ct);
        }
    }

    /// <summary>* METADATA "Sent" /shared/comment: the names of entries that were set or removed, without their values (RFC 5464 §4.4.2).</summary>
    private async ValueTask TellMetadataAsync(CancellationToken ct)
    {
        var before = _notifyEntries;
        _notifyEntries = await Server.Annotations.EntriesAsync(Account, ct);
        var changed = _notifyEntries.Where(e => before.GetValueOrDefault(e.Key, -1) != e.Value).Select(e => e.Key)
            .Concat(before.Keys.Where(k => !_notifyEntries.ContainsKey(k)));
        foreach (var group in changed.GroupBy(k => k.Mailbox).OrderBy(g => g.Key.Value))
        {
            // What belongs to the account is told whatever mailboxes were named; a mailbox that went has said so already.
            var mailbox = _notifyKnown.GetValueOrDefault(group.Key);
            var told = group.Key == default ? _notify!.Any(g => g.Events.HasFlag(NotifyEvents.ServerMetadataChange))
                : mailbox is not null && EventsOf(mailbox).HasFlag(NotifyEvents.MailboxMetadataChange);
            if (told)
            {
                Out.Raw("* METADATA "u8).Mailbox(mailbox?.Name ?? "");
                foreach (var (_, entry) in group.OrderBy(k => k.Entry, StringComparer.Ordinal))
                {
                    Out.Space().String(entry);
                }

                Out.Line();
                await FlushIfLargeAsync(ct);
            }
        }
    }

    /// <summary>The first group that a mailbox belongs to counts (RFC 5465 §6).</summary>
    private NotifyEvents EventsOf(Mailbox mailbox) => _notify!.FirstOrDefault(g => g.Filter.Matches(mailbox))?.Events ?? NotifyEvents.None;

    private void TellStatus(Mailbox mailbox) => StatusCommand.Write(
        this, mailbox, StatusItems.Messages | StatusItems.UidNext | StatusItems.UidValidity | StatusItems.Unseen
        | (CondStore ? StatusItems.HighestModSeq : StatusItems.None), deletedStorage: 0);

    // OLDNAME: RFC 5465 §5.4
    private void TellName(Mailbox mailbox, IReadOnlyList<Mailbox> all, string? oldName)
    {
        Out.Raw("* LIST "u8);
        ListResponse.Attributes(
            Out, mailbox, all.Any(m => m.Name.StartsWith(mailbox.Name + "/", StringComparison.Ordinal)), mailbox.Subscribed);
        Out.Raw(" \"/\" "u8).Mailbox(mailbox.Name);
        if (oldName is not null)
        {
            Out.Raw(" (\"OLDNAME\" ("u8).Mailbox(oldName).Raw("))"u8);
        }

        Out.Line();
    }
}
