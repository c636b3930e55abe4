using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using SaaS.Domain.Sharing;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap;

/// <summary>The mailbox that a session has open, as far as the client knows it.</summary>
internal sealed class SelectedMailbox
{
    /// <summary>Runs of UIDs that a session may hold while it waits: a kilobyte and a half.</summary>
    private const int RunsAtRest = 128;

    private readonly ImapSession _session;
    private ModSeq _since;

    /// <param name="session">Whose.</param>
    /// <param name="place">As read a moment ago.</param>
    /// <param name="readOnly">EXAMINE.</param>
    /// <param name="watch">Of the mailbox's account.</param>
    /// <param name="hint">The watch's from before the mailbox was read: that much is in it.</param>
    public SelectedMailbox(ImapSession session, Place place, bool readOnly, AccountWatch watch, long hint)
    {
        var mailbox = place.Mailbox;
        _session = session;
        Account = place.Account;
        Shared = place.Shared;
        Watch = watch;
        Id = mailbox.Id;
        Name = mailbox.Name;
        ReadOnly = readOnly;
        SetRights(place.Rights);
        UidValidity = mailbox.UidValidity;
        View = new MailboxView(mailbox.Total, (uint)mailbox.UidNext);
        _since = new ModSeq(mailbox.HighestModSeq);
        Synced = new ModSeq(Math.Max(mailbox.HighestModSeq, hint));
    }

    /// <summary>Whose mailbox it is; not always the session's.</summary>
    public AccountId Account { get; }

    /// <summary>Through which it is seen; null for the session's own.</summary>
    public SharedAccount? Shared { get; }

    public AccountWatch Watch { get; }

    /// <summary>What may be done in it now. Opened by EXAMINE: read it.</summary>
    public MailboxRights Rights { get; private set; }

    /// <summary>UIDs that the user has read; null where \Seen stands in the messages' rows.</summary>
    public SeenSet? Seen { get; private set; }

    public MailboxId Id { get; }

    public string Name { get; }

    public bool ReadOnly { get; }

    public long UidValidity { get; }

    public MailboxView View { get; }

    /// <summary>The client has been told of everything up to here, <see cref="PendingVanished"/> aside.</summary>
    public ModSeq Synced { get; set; }

    /// <summary>Went, but the client may not be told yet.</summary>
    public List<uint> PendingVanished { get; } = [];

    /// <summary>Keywords that a FLAGS response has named; null while none was met.</summary>
    public SortedSet<string>? Keywords { get; set; }

    /// <summary>UIDs of SEARCH with SAVE (RFC 5182); follows expunges by itself, being UIDs.</summary>
    public List<NumberRange> SavedResult { get; set; } = [];

    /// <summary>True where something may have happened that the client does not know.</summary>
    public bool HasNews => Watch.Hint > Synced.Value || PendingVanished.Count > 0;

    /// <summary>Why something is refused that <see cref="Rights"/> do not allow.</summary>
    public ImapResult Refused => ReadOnly ? ImapResult.No("The mailbox is read-only.", "READ-ONLY") : ImapResult.NoPermission;

    public void SetRights(MailboxRights rights) => Rights = ReadOnly ? rights & (MailboxRights.Lookup | MailboxRights.Read) : rights;

    /// <summary>Reads anew what the user has read, where that is his own affair.</summary>
    public async ValueTask ReloadSeenAsync(CancellationToken ct)
    {
        if (Shared is { SeenIsPersonal: true })
        {
            Seen = await _session.Server.Readers.SeenAsync(Account, Id, _session.Account, ct);
        }
    }

    /// <summary>A message's flags as this user has them.</summary>
    public MessageFlags FlagsOf(MessageRow row) => Seen is null ? row.Flags
        : (row.Flags & ~MessageFlags.Seen) | (Seen.Contains(row.Uid.Value) ? MessageFlags.Seen : MessageFlags.None);

    /// <summary>The node's index of the mailbox, with this user's flags.</summary>
    public async ValueTask<MailboxIndex> IndexAsync(MailboxIndexCache indexes, CancellationToken ct)
    {
        var index = await indexes.GetAsync(Account, Id, ct);
        if (Seen is null)
        {
            return index;
        }

        await ReloadSeenAsync(ct);
        return index.WithSeen(Seen);
    }

    /// <summary>
    /// A change that this session made and has answered itself. Where others changed something in between it is told again with theirs:
    /// their flags may stand on the same message.
    /// </summary>
    public void NoteOwn(ModSeq modSeq)
    {
        if (modSeq.Value == Synced.Value + 1)
        {
            Synced = modSeq;
        }
    }

    /// <summary>
    /// The session is going to wait, for as long as half an hour: a long list of UIDs is let go, and read again where it is needed. What the
    /// client knows is what was there at <see cref="Synced"/>.
    /// </summary>
    public void Rest()
    {
        if (View.RunCount > RunsAtRest && PendingVanished.Count == 0)
        {
            _since = Synced;
            View.Forget();
        }
    }

    /// <summary>Makes numbers from <paramref name="seq"/> on known.</summary>
    public ValueTask EnsureSeqAsync(int seq, CancellationToken ct) =>
        seq > View.Hidden ? ValueTask.CompletedTask : RevealAsync(View.Hidden - Math.Max(seq, 1) + 1, ct);

    /// <summary>Makes UIDs from <paramref name="uid"/> on known.</summary>
    public async ValueTask EnsureUidAsync(uint uid, CancellationToken ct)
    {
        // The newest are asked for most: a page first, then all.
        for (var page = 512; View.Hidden > 0 && uid < View.KnownFrom; page = int.MaxValue)
        {
            await RevealAsync(Math.Min(page, View.Hidden), ct);
        }
    }

    /// <summary>A set of the client as UID ranges. Numbers that do not exist are an error, UIDs are not (RFC 9051 §6.4.9).</summary>
    public async ValueTask<List<NumberRange>> ResolveAsync(SequenceSet set, bool isUid, CancellationToken ct)
    {
        if (set.IsSaved)
        {
            if (SavedResult.Count > 0)
            {
                await EnsureUidAsync(SavedResult[0].First, ct);
            }

            return SavedResult;
        }

        if (View.Count == 0)
        {
            return isUid || set.UsesStar ? [] : throw new ImapSyntaxException("The mailbox is empty.");
        }

        if (isUid)
        {
            if (set.UsesStar)
            {
                await EnsureSeqAsync(View.Count, ct);
            }

            var ranges = set.Resolve(View.HighestUid);
            ranges.RemoveAll(r => r.First >= View.UidNext);
            if (ranges.Count > 0)
            {
                await EnsureUidAsync(ranges[0].First, ct);
            }

            return ranges;
        }

        var numbers = set.Resolve((uint)View.Count);
        if (numbers.Count > 0 && numbers[^1].Last > View.Count)
        {
            throw new ImapSyntaxException("No such message number.");
        }

        await EnsureSeqAsync((int)numbers[0].First, ct);
        for (var i = 0; i < numbers.Count; i++)
        {
            numbers[i] = new NumberRange(View.UidOf((int)numbers[i].First), View.UidOf((int)numbers[i].Last));
        }

        return numbers;
    }

    private async ValueTask RevealAsync(int count, CancellationToken ct)
    {
        // Half or more of what is hidden: take all, it will be asked for.
        var limit = count > View.Hidden / 2 ? View.Hidden : Math.Min(View.Hidden, Math.Max(count, 512));
        var uids = await _session.Server.Reader.KnownUidsAsync(Account, Id, View.KnownFrom, _since, limit, ct);
        if (uids.Length != limit)
        {
            throw new ImapByeException("The mailbox changed too much; please open it again.");
        }

        View.Reveal(uids);
    }
}
