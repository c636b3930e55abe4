using SaaS.Domain.Common;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Sharing;
using SaaS.MailHost.Imap.Commands;
using SaaS.MailHost.Imap.Commands.Fetch;

namespace SaaS.MailHost.Imap;

/// <summary>What NOTIFY asked for: looked at whenever the change feed wakes the session between commands or in IDLE (RFC 5465).</summary>
internal sealed partial class ImapSession
{
    /// <summary>Accounts of others that one NOTIFY watches.</summary>
    private const int MaxNotifyAccounts = 100;

    private IReadOnlyList<NotifyGroup>? _notify;
    private Dictionary<(AccountId, MailboxId), Place> _notifyKnown = [];
    private List<AccountWatch> _notifyShared = [];
    private long _notifySeen;

    /// <summary>Whether the client wants to hear of things without asking.</summary>
    public bool HasNotify => _notify is not null;

    /// <param name="groups">Null: none.</param>
    /// <param name="status">Tell of the mailboxes as they are now first.</param>
    /// <param name="ct">Cancels.</param>
    public async ValueTask SetNotifyAsync(IReadOnlyList<NotifyGroup>? groups, bool status, CancellationToken ct)
    {
        StopNotify();
        _notify = groups;
        if (groups is not null && groups.Any(g => g.Filter.ReachesOthers))
        {
            foreach (var shared in (await Server.Shares.OfAsync(Account, ct)).Take(MaxNotifyAccounts))
            {
                _notifyShared.Add(Watch(shared.Id));
            }
        }

        _notifySeen = NotifyHint;
        if (groups is null || !groups.Any(g => !g.Filter.IsSelected && g.Events != NotifyEvents.None))
        {
            return;
        }

        foreach (var place in await NotifiedAsync(ct))
        {
            _notifyKnown[(place.Account, place.Mailbox.Id)] = place;
            if (status && !IsSelected(place) && (EventsOf(place) & NotifyEvents.Messages) != 0)
            {
                TellStatus(await CountedAsync(place, ct));
                await FlushIfLargeAsync(ct);
            }
        }
    }

    private void StopNotify()
    {
        _notify = null;
        _notifyKnown = [];
        _notifyShared.ForEach(w => w.Dispose());
        _notifyShared = [];
    }

    /// <summary>Tells what happened since it was last looked.</summary>
    public async ValueTask TellNotifiedAsync(CancellationToken ct)
    {
        if (_notify is null || NotifyHint is var hint && hint <= _notifySeen)
        {
            return;
        }

        _notifySeen = hint;
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
        var all = await NotifiedAsync(ct);
        var gone = new Dictionary<(AccountId, MailboxId), Place>(_notifyKnown);
        foreach (var place in all)
        {
            var mailbox = place.Mailbox;
            var events = EventsOf(place);
            var before = gone.Remove((place.Account, mailbox.Id), out var known) ? known.Mailbox : null;
            if (before is null)
            {
                if (events.HasFlag(NotifyEvents.MailboxName))
                {
                    TellName(place, all, null);
                }
            }
            else if (before.Name != mailbox.Name)
            {
                if (events.HasFlag(NotifyEvents.MailboxName) || EventsOf(known!).HasFlag(NotifyEvents.MailboxName))
                {
                    TellName(place, all, before.Name);
                }
            }
            else if (before.Subscribed != mailbox.Subscribed && events.HasFlag(NotifyEvents.SubscriptionChange))
            {
                TellName(place, all, null);
            }

            var isNew = before is null ? mailbox.Total > 0 : before.UidNext != mailbox.UidNext || before.Total != mailbox.Total;
            var isChanged = before is not null && before.HighestModSeq != mailbox.HighestModSeq;
            if (!IsSelected(place) && place.Rights.Has(MailboxRights.Read)
                && ((isNew && events.HasFlag(NotifyEvents.MessageNew)) || (isChanged && !isNew && events.HasFlag(NotifyEvents.FlagChange))))
            {
                TellStatus(await CountedAsync(place, ct));
            }

            await FlushIfLargeAsync(ct);
        }

        foreach (var place in gone.Values)
        {
            if (EventsOf(place).HasFlag(NotifyEvents.MailboxName))
            {
                Out.Raw("* LIST (\\NonExistent) \"/\" "u8).Mailbox(place.Name).Line();
            }
        }

        _notifyKnown = all.ToDictionary(p => (p.Account, p.Mailbox.Id));
    }

    /// <summary>Rises with any change that NOTIFY may have to tell.</summary>
    private long NotifyHint => Hint + _notifyShared.Sum(w => w.Hint);

    private async ValueTask<List<Place>> NotifiedAsync(CancellationToken ct) =>
        [.. (await ListAsync(_notifyShared.Count > 0, ct)).Where(p => p.IsMailbox)];

    private bool IsSelected(Place place) => Selected is { } box && box.Account == place.Account && box.Id == place.Mailbox.Id;

    /// <summary>The first group that a mailbox belongs to counts (RFC 5465 §6).</summary>
    private NotifyEvents EventsOf(Place place) => _notify!.FirstOrDefault(g => g.Filter.Matches(place))?.Events ?? NotifyEvents.None;

    private void TellStatus(Mailbox mailbox) => StatusCommand.Write(
        this, mailbox, StatusItems.Messages | StatusItems.UidNext | StatusItems.UidValidity | StatusItems.Unseen
        | (CondStore ? StatusItems.HighestModSeq : StatusItems.None), deletedStorage: 0);

    // OLDNAME: RFC 5465 §5.4
    private void TellName(Place place, IReadOnlyList<Place> all, string? oldName)
    {
        var mailbox = place.Mailbox;
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
