using MailKit;
using MailKit.Search;
using MimeKit;
using SaaS.Domain.Common;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;
using SaaS.Domain.Moves;
using SourceBits = MailKit.MessageFlags;
using StoredFlags = SaaS.Domain.Messages.MessageFlags;

namespace SaaS.MailHost.Moves;

/// <summary>Brings one folder's messages here: what is missing, and what changed at the source since it was last looked at.</summary>
internal sealed class FolderCopy(
    MoveLease move, SourceReader source, PlannedFolder folder, long sourceId, long folderId, MailboxId mailbox, MoveLedger ledger, MovedMessages moved,
    MessageStore store, MoveOptions options, string spool, MoveMetrics metrics, ILogger log)
{
    private const int SummaryPage = 500;
    private const int FlagsPage = 5000;
    private const int BatchMessages = 50;
    private const long BatchBytes = 2 * 1024 * 1024;
    private const int Chunk = 1024 * 1024;

    private sealed record Summary(long Uid, UniqueId Id, string? MessageId, byte[] Digest, long Size, SourceFlags Flags, DateTimeOffset? Date);

    private readonly Dictionary<long, KnownMessage> _known = [];
    private readonly Dictionary<Guid, Queue<KnownMessage>> _renumbered = [];
    private HashSet<Guid>? _elsewhere;
    private long _validity;
    private int _failed;

    public int Brought { get; private set; }

    /// <summary>UIDs at the source, and those of them that are not here afterwards.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        _validity = source.Folder.UidValidity;
        foreach (var known in await moved.KnownAsync(move.Account, folderId, ct))
        {
            if (known.UidValidity == _validity)
            {
                _known[known.Uid] = known;
            }
            else
            {
                // Of what stood under older numbers several may be alike: each stands for one.
                var key = new Guid(known.Digest);
                (_renumbered.TryGetValue(key, out var alike) ? alike : _renumbered[key] = new Queue<KnownMessage>()).Enqueue(known);
            }
        }

        if (folder.Use == SpecialUse.All)
        {
            _elsewhere = await moved.DigestsAsync(move.Account, sourceId, ct);
        }

        source.Connection.Wire.Expect(source.Folder.Count * 12L);
        var all = source.Folder.Count == 0 ? [] : await source.Folder.SearchAsync(SearchQuery.All, ct);
        var missing = all.Where(u => !_known.ContainsKey(u.Id)).ToList();
        await ledger.FolderAsync(move, folderId, MoveFolderState.Copying, ct, messages: all.Count, present: all.Count - missing.Count);
        foreach (var page in missing.Chunk(SummaryPage))
        {
            await CopyAsync(await SummariesAsync(page, ct), ct);
        }

        if (move.FollowFlags)
        {
            await FollowFlagsAsync([.. all.Where(u => _known.ContainsKey(u.Id))], ct);
        }

        if (move.FollowExpunges)
        {
            await FollowExpungesAsync(all, ct);
        }

        await CountAsync(all.Count, ct);
    }

    private async Task CountAsync(int atSource, CancellationToken ct)
    {
        if (_known.Count > 0 || atSource > 0)
        {
            var here = (await moved.KnownAsync(move.Account, folderId, ct)).Count(k => k.UidValidity == _validity);
            // What was brought and has gone at the source since still counts here, unless expunges are followed.
            if (here + _failed + (_elsewhere is null ? 0 : atSource) < atSource)
            {
                await ledger.DifferAsync(
                    move, folder.Source.Name, MoveDifferenceKind.Count, 0, null, $"{atSource} messages at the source, {here} brought here.", ct);
            }
        }
    }

    private async Task<List<Summary>> SummariesAsync(UniqueId[] uids, CancellationToken ct)
    {
        var request = new FetchRequest(
            MessageSummaryItems.UniqueId | MessageSummaryItems.Flags | MessageSummaryItems.InternalDate | MessageSummaryItems.Size,
            [HeaderId.MessageId, HeaderId.Date]);
        var found = new List<Summary>(uids.Length);
        await source.AskAsync(uids, async some =>
        {
            source.Connection.Wire.Expect(some.Count * 4096L);
            foreach (var s in await source.Folder.FetchAsync([.. some], request, ct))
            {
                var id = s.Headers?[HeaderId.MessageId];
                found.Add(new Summary(
                    s.UniqueId.Id, s.UniqueId, id, MoveKeys.Digest(id, s.Headers?[HeaderId.Date], s.Size ?? 0), s.Size ?? 0, FlagsOf(s), s.InternalDate));
            }
        }, (uid, why) => SkipAsync(uid.Id, null, why, ct), ct);
        return found;
    }

    private async Task CopyAsync(List<Summary> page, CancellationToken ct)
    {
        var renumbered = new List<(KnownMessage, long)>();
        var copy = new List<Summary>();
        foreach (var s in page)
        {
            var key = new Guid(s.Digest);
            if (_renumbered.TryGetValue(key, out var alike) && alike.TryDequeue(out var known))
            {
                renumbered.Add((known, s.Uid));
                _known[s.Uid] = known with { UidValidity = _validity, Uid = s.Uid };
            }
            else if (_elsewhere?.Contains(key) != true)
            {
                copy.Add(s);
            }
        }

        if (renumbered.Count > 0)
        {
            await moved.RenumberAsync(move.Account, folderId, _validity, renumbered, ct);
        }

        if (copy.Count < page.Count)
        {
            await ledger.FolderAsync(move, folderId, MoveFolderState.Copying, ct, addPresent: page.Count - copy.Count);
        }

        var batch = new List<Summary>();
        var bytes = 0L;
        foreach (var s in copy)
        {
            if (s.Size > options.MaxMessage)
            {
                await SkipAsync(s.Uid, s.MessageId, $"it has {s.Size / (1024 * 1024)} MB, more than may be stored", ct);
                continue;
            }

            if (batch.Count > 0 && (batch.Count == BatchMessages || bytes + s.Size > BatchBytes))
            {
                await BringAsync(batch, ct);
                batch = [];
                bytes = 0;
            }

            batch.Add(s);
            bytes += s.Size;
        }

        if (batch.Count > 0)
        {
            await BringAsync(batch, ct);
        }
    }

    private Task BringAsync(List<Summary> batch, CancellationToken ct) => source.AskAsync(batch, async some =>
    {
        await source.Connection.Messages.TakeAsync(some.Count, ct);
        var read = new List<(Summary Summary, IncomingBytes Bytes)>(some.Count);
        try
        {
            await ReadAsync(some, read, ct);
            await StoreAsync(read, ct);
        }
        finally
        {
            foreach (var (_, bytes) in read)
            {
                bytes.Dispose();
            }
        }
    }, (s, why) => SkipAsync(s.Uid, s.MessageId, why, ct), ct);

    private async Task ReadAsync(IReadOnlyList<Summary> some, List<(Summary, IncomingBytes)> read, CancellationToken ct)
    {
        if (some is [{ Size: > Chunk } large])
        {
            // In pieces: the client keeps an answer in memory.
            var bytes = new IncomingBytes(spool);
            read.Add((large, bytes));
            for (var offset = 0; ; offset += Chunk)
            {
                source.Connection.Wire.Expect(Chunk);
                await using var piece = await source.Folder.GetStreamAsync(large.Id, offset, Chunk, ct);
                var length = piece.Length;
                await bytes.CopyAsync(piece, ct);
                if (length < Chunk)
                {
                    return;
                }

                if (offset > options.MaxMessage)
                {
                    throw new IOException("The source sent a message that is larger than it said.");
                }
            }
        }

        var byUid = some.ToDictionary(s => s.Uid);
        source.Connection.Wire.Expect(some.Sum(s => s.Size));
        await source.Folder.GetStreamsAsync([.. some.Select(s => s.Id)], async (_, _, uid, stream, c) =>
        {
            if (byUid.Remove(uid.Id, out var summary))
            {
                var bytes = new IncomingBytes(spool);
                read.Add((summary, bytes));
                await bytes.CopyAsync(stream, c);
            }
        }, ct);
    }

    private async Task StoreAsync(List<(Summary Summary, IncomingBytes Bytes)> read, CancellationToken ct)
    {
        var messages = new List<(IncomingMessage Message, Summary Summary)>(read.Count);
        foreach (var (s, bytes) in read)
        {
            if (bytes.Bytes.Length == 0)
            {
                await SkipAsync(s.Uid, s.MessageId, "it is empty", ct);
                continue;
            }

            if (s.Flags.Dropped > 0)
            {
                await ledger.DifferAsync(
                    move, folder.Source.Name, MoveDifferenceKind.Keywords, s.Uid, s.MessageId, $"{s.Flags.Dropped} keyword(s) were left out.", ct);
            }

            messages.Add((new IncomingMessage(s.Uid, s.Digest, bytes.Digest(), bytes.Bytes, s.Flags.Flags, s.Flags.Keywords, s.Date), s));
        }

        if (messages.Count == 0)
        {
            return;
        }

        var stored = await StoreAsync([.. messages.Select(m => m.Message)], ct);
        if (stored is null)
        {
            Remember(messages);
            return;
        }

        // All or nothing was refused: one by one, to keep what can be kept.
        foreach (var one in messages.Count == 1 ? [] : messages)
        {
            if (await StoreAsync([one.Message], ct) is { } no)
            {
                await RefusedAsync(one.Summary, no, ct);
            }
            else
            {
                Remember([one]);
            }
        }

        if (messages.Count == 1)
        {
            await RefusedAsync(messages[0].Summary, stored, ct);
        }
    }

    private async Task<Refusal?> StoreAsync(IReadOnlyList<IncomingMessage> messages, CancellationToken ct) =>
        (await moved.StoreAsync(
            move.Account, move.Tenant, move.Id, move.Run, folderId, _validity, mailbox, move.ExceedQuota, messages, ct)).Refusal;

    private Task RefusedAsync(Summary s, Refusal no, CancellationToken ct) => no.Reason switch
    {
        RefusalReason.OverQuota => throw new MoveFailedException("The account's storage is full. Give it more, or let the move exceed it, and run it again."),
        RefusalReason.NotFound => throw new IOException("The mailbox went away while the move filled it."),
        _ => SkipAsync(s.Uid, s.MessageId, no.Text, ct),
    };

    private void Remember(IReadOnlyList<(IncomingMessage Message, Summary Summary)> messages)
    {
        foreach (var (m, s) in messages)
        {
            _known[m.Uid] = new KnownMessage(_validity, m.Uid, m.Digest, default, s.Flags.Flags, s.Flags.Keywords);
        }

        Brought += messages.Count;
        metrics.Copied(messages.Count, messages.Sum(m => m.Message.Bytes.Length));
    }

    /// <summary>Only what changed at the source is done here: what the owner did here meanwhile stays.</summary>
    private async Task FollowFlagsAsync(IReadOnlyList<UniqueId> uids, CancellationToken ct)
    {
        var changes = new Dictionary<string, (SourceFlags Now, FlagChange Change, List<KnownMessage> Messages)>(StringComparer.Ordinal);
        foreach (var page in uids.Chunk(FlagsPage))
        {
            await source.AskAsync(page, async some =>
            {
                source.Connection.Wire.Expect(some.Count * 1024L);
                foreach (var s in await source.Folder.FetchAsync(
                    [.. some], new FetchRequest(MessageSummaryItems.UniqueId | MessageSummaryItems.Flags), ct))
                {
                    if (!_known.TryGetValue(s.UniqueId.Id, out var known))
                    {
                        continue;
                    }

                    var now = FlagsOf(s);
                    if (now.Flags == known.Flags && now.Keywords.SequenceEqual(known.Keywords, StringComparer.Ordinal))
                    {
                        continue;
                    }

                    var key = $"{(int)known.Flags} {(int)now.Flags} {string.Join(' ', known.Keywords)} > {string.Join(' ', now.Keywords)}";
                    if (!changes.TryGetValue(key, out var group))
                    {
                        changes[key] = group = (now, new FlagChange
                        {
                            Add = now.Flags & ~known.Flags,
                            Remove = known.Flags & ~now.Flags,
                            AddKeywords = [.. now.Keywords.Except(known.Keywords, StringComparer.Ordinal)],
                            RemoveKeywords = [.. known.Keywords.Except(now.Keywords, StringComparer.Ordinal)],
                        }, []);
                    }

                    group.Messages.Add(known);
                }
            }, (_, _) => Task.CompletedTask, ct);
        }

        if (changes.Count == 0)
        {
            return;
        }

        // Messages of this very run are remembered without their ids.
        var ids = (await moved.KnownAsync(move.Account, folderId, ct)).Where(k => k.UidValidity == _validity).ToDictionary(k => k.Uid, k => k.Message);
        foreach (var (now, change, messages) in changes.Values)
        {
            foreach (var some in messages.Chunk(1000))
            {
                var which = new MessageSelection.ById([.. some.Select(k => ids.GetValueOrDefault(k.Uid))]);
                await store.ChangeFlagsAsync(move.Account, which, change, ct, wantsRows: false);
                await moved.SetFlagsAsync(move.Account, folderId, _validity, [.. some.Select(k => k.Uid)], now.Flags, now.Keywords, ct);
                await ledger.CountAsync(move, folderId, ct, flags: some.Length);
            }
        }
    }

    private async Task FollowExpungesAsync(IList<UniqueId> all, CancellationToken ct)
    {
        var there = all.Select(u => (long)u.Id).ToHashSet();
        var known = await moved.KnownAsync(move.Account, folderId, ct);
        foreach (var page in known.Where(k => k.UidValidity != _validity || !there.Contains(k.Uid)).Chunk(500))
        {
            var gone = await store.ExpungeAsync(
                move.Account, new MessageSelection.ById([.. page.Select(k => k.Message)]), onlyDeleted: false, ct);
            foreach (var validity in page.GroupBy(k => k.UidValidity))
            {
                await moved.ForgetAsync(move.Account, folderId, validity.Key, validity.Select(k => k.Uid), ct);
            }

            await ledger.CountAsync(move, folderId, ct, expunged: gone.Messages.Count);
        }
    }

    private async Task SkipAsync(long uid, string? messageId, string why, CancellationToken ct)
    {
        _failed++;
        metrics.Skipped();
        log.Skipped(move.Id, uid, folder.Source.Name, why);
        await ledger.DifferAsync(move, folder.Source.Name, MoveDifferenceKind.Skipped, uid, messageId, $"It stays at the source: {why}.", ct);
        await ledger.CountAsync(move, folderId, ct, skipped: 1);
    }

    private static SourceFlags FlagsOf(IMessageSummary s)
    {
        var bits = s.Flags ?? SourceBits.None;
        return SourceFlags.Of(
            (bits.HasFlag(SourceBits.Seen) ? StoredFlags.Seen : 0) | (bits.HasFlag(SourceBits.Answered) ? StoredFlags.Answered : 0)
            | (bits.HasFlag(SourceBits.Flagged) ? StoredFlags.Flagged : 0) | (bits.HasFlag(SourceBits.Deleted) ? StoredFlags.Deleted : 0)
            | (bits.HasFlag(SourceBits.Draft) ? StoredFlags.Draft : 0),
            s.Keywords ?? (IEnumerable<string>)[]);
    }
}
