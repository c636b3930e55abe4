using SaaS.Domain.Common;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;
using SaaS.Domain.Sharing;

namespace SaaS.MailHost.Imap;

/// <summary>
/// From names to mailboxes, the session's own and those that are shared to it: the one place where it is decided what a user sees and may do.
/// What he may not see is answered as if it were not there.
/// </summary>
internal sealed partial class ImapSession
{
    /// <summary>Above all that others share: "Shared/owner@example.com/Folder".</summary>
    public const string SharedRoot = Domain.Mailboxes.MailboxName.Shared;

    /// <summary>Of a mailbox name: whose, and what it is called there. Null where nothing of that owner is shared to this user.</summary>
    public async ValueTask<(AccountId Account, string Name, SharedAccount? Shared)?> LocateAsync(string name, CancellationToken ct)
    {
        // Only an address leads to others: a folder "Shared" of one's own stays what it is.
        if (!name.StartsWith(SharedRoot + "/", StringComparison.Ordinal) || Owner(name) is not { } owner)
        {
            return (Account, name, null);
        }

        var shared = (await Server.Shares.OfAsync(Account, ct)).FirstOrDefault(s => s.Address.Equals(owner, StringComparison.OrdinalIgnoreCase));
        return shared is null ? null : (shared.Id, name.Length > Root(shared).Length ? name[(Root(shared).Length + 1)..] : "", shared);
    }

    /// <summary>Null where there is none, or none that this user may know of.</summary>
    public async ValueTask<Place?> FindAsync(string name, CancellationToken ct)
    {
        if (await LocateAsync(name, ct) is not var (account, local, shared) || await Server.Mailboxes.FindAsync(account, local, ct) is not { } mailbox)
        {
            return null;
        }

        return shared is null ? new Place(mailbox, MailboxRights.All, null)
            : shared.Of(mailbox.Id) is var rights && rights.Has(MailboxRights.Lookup) ? new Place(Renamed(mailbox, shared, mailbox.Subscribed), rights, shared)
            : null;
    }

    /// <summary>A mailbox in which this user may do what is needed; else the answer to give.</summary>
    public async ValueTask<(Place? Place, ImapResult Refused)> FindAsync(string name, MailboxRights needed, CancellationToken ct)
    {
        var place = await FindAsync(name, ct);
        return place is null ? (null, ImapResult.NoMailbox)
            : place.Rights.Has(needed) ? (place, default)
            : (null, ImapResult.NoPermission);
    }

    /// <summary>Whose and what name a new mailbox would get; or why this user may not make it there.</summary>
    public async ValueTask<(AccountId Account, string Name, ImapResult? Refused)> FindRoomAsync(string name, CancellationToken ct)
    {
        if (await LocateAsync(name, ct) is not var (account, local, shared))
        {
            return (default, "", ImapResult.NoPermission);
        }

        if (shared is null)
        {
            return (account, local, name.TrimEnd('/') == SharedRoot ? ImapResult.No("Under this name stands what others share.", "CANNOT") : null);
        }

        if (shared.Everywhere.Has(MailboxRights.Create) && local.Length > 0)
        {
            return (account, local, null);
        }

        // RFC 4314 §4: "k" on the nearest mailbox above that there is.
        var all = await Server.Mailboxes.ListAsync(account, ct);
        var parent = Domain.Mailboxes.MailboxName.Parents(local.TrimEnd('/')).Reverse().Select(p => all.FirstOrDefault(m => m.Name == p)).FirstOrDefault(m => m is not null);
        return (account, local, parent is not null && shared.Of(parent.Id).Has(MailboxRights.Lookup | MailboxRights.Create) ? null : ImapResult.NoPermission);
    }

    /// <summary>All mailboxes that this user may know of; own ones first, by name. With those of others, the names above them too.</summary>
    /// <param name="withShared">False: only the own ones.</param>
    public async ValueTask<IReadOnlyList<Place>> ListAsync(bool withShared, CancellationToken ct)
    {
        var own = await Server.Mailboxes.ListAsync(Account, ct);
        var all = own.Select(m => new Place(m, MailboxRights.All, null)).ToList();
        if (!withShared || await Server.Shares.OfAsync(Account, ct) is not { Count: > 0 } shares)
        {
            return all;
        }

        var subscribed = await Server.Readers.SubscriptionsAsync(Account, ct);
        var seen = new List<Place>();
        foreach (var shared in shares)
        {
            foreach (var mailbox in await Server.Mailboxes.ListAsync(shared.Id, ct))
            {
                var rights = shared.Of(mailbox.Id);
                if (rights.Has(MailboxRights.Lookup))
                {
                    // A team's mailboxes are there from the start; a person's folders for whoever subscribes.
                    var isSubscribed = subscribed.TryGetValue((shared.Id, mailbox.Id), out var wish) ? wish : !shared.SeenIsPersonal && mailbox.Subscribed;
                    seen.Add(new Place(Renamed(mailbox, shared, isSubscribed), rights, shared));
                }
            }
        }

        var names = seen.Select(p => p.Name).Concat(own.Select(m => m.Name)).ToHashSet(StringComparer.Ordinal);
        foreach (var node in seen.SelectMany(p => Domain.Mailboxes.MailboxName.Parents(p.Name)).Distinct().Where(n => !names.Contains(n)).ToList())
        {
            seen.Add(new Place(new Mailbox { Name = node }, MailboxRights.None, null));
        }

        all.AddRange(seen.OrderBy(p => p.Name, StringComparer.Ordinal));
        return all;
    }

    /// <summary>The mailbox's index, with \Seen as this user has it.</summary>
    public async ValueTask<MailboxIndex> IndexAsync(MailboxIndexCache indexes, Place place, CancellationToken ct)
    {
        var index = await indexes.GetAsync(place.Account, place.Mailbox.Id, ct);
        return place.SeenIsPersonal ? index.WithSeen(await Server.Readers.SeenAsync(place.Account, place.Mailbox.Id, Account, ct)) : index;
    }

    /// <summary>The place with its count of unseen messages as this user has it.</summary>
    public async ValueTask<Mailbox> CountedAsync(Place place, CancellationToken ct)
    {
        if (place.SeenIsPersonal && place.Mailbox.Total > 0)
        {
            place.Mailbox.Unseen = await Server.Readers.UnseenAsync(place.Account, place.Mailbox.Id, Account, ct);
        }

        return place.Mailbox;
    }

    /// <summary>Changes the reader's own \Seen in somebody else's mailbox.</summary>
    public ValueTask<ModSeq> ChangeSeenAsync(AccountId account, MailboxId mailbox, IReadOnlyList<Uid> uids, bool seen, CancellationToken ct) =>
        new(Server.Readers.ChangeSeenAsync(account, mailbox, Account, uids, seen, ct));

    /// <summary>
    /// A right that was taken away ends what rests on it: a mailbox that may be read no longer is closed, and the rest of the rights hold from
    /// the next command on.
    /// </summary>
    private async ValueTask LookAtRightsAsync(CancellationToken ct)
    {
        if (Selected is not { Shared: not null } box)
        {
            return;
        }

        var rights = (await Server.Shares.FindAsync(Account, box.Account, ct))?.Of(box.Id) ?? MailboxRights.None;
        if (rights.Has(MailboxRights.Read))
        {
            box.SetRights(rights);
            return;
        }

        Unselect();
        Out.Raw("* OK [CLOSED] This mailbox is not shared to you any more.\r\n"u8);
    }

    private static string Root(SharedAccount shared) => SharedRoot + "/" + shared.Address;

    private static string? Owner(string name)
    {
        var end = name.IndexOf('/', SharedRoot.Length + 1);
        var owner = end < 0 ? name[(SharedRoot.Length + 1)..] : name[(SharedRoot.Length + 1)..end];
        return owner.Contains('@', StringComparison.Ordinal) ? owner : null;
    }

    // Special uses are the owner's: a client would file its own sent mail there.
    private static Mailbox Renamed(Mailbox mailbox, SharedAccount shared, bool subscribed) => new()
    {
        AccountId = mailbox.AccountId,
        Id = mailbox.Id,
        Name = Root(shared) + "/" + mailbox.Name,
        Subscribed = subscribed,
        SortOrder = mailbox.SortOrder,
        UidValidity = mailbox.UidValidity,
        UidNext = mailbox.UidNext,
        HighestModSeq = mailbox.HighestModSeq,
        CreatedModSeq = mailbox.CreatedModSeq,
        ChangedModSeq = mailbox.ChangedModSeq,
        Total = mailbox.Total,
        Unseen = mailbox.Unseen,
        DeletedCount = mailbox.DeletedCount,
        SizeBytes = mailbox.SizeBytes,
    };
}
