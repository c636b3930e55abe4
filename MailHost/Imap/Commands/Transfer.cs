using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.Domain.Messages;
using SaaS.Domain.Sharing;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>
/// Messages out of the selected mailbox into another, where the store alone cannot do it in one transaction: into another account, or into a
/// mailbox in which the user may not set every flag. Each message is appended by itself, and only when all are there does MOVE take them
/// away: whatever breaks in between, a message stands in one of the two or in both.
/// </summary>
internal static class Transfer
{
    /// <summary>Messages of one command.</summary>
    private const int MaxMessages = 10_000;
    private const int Page = 100;

    /// <summary>True where <see cref="MessageStore.CopyAsync"/> and MoveAsync will do.</summary>
    public static bool IsWithin(SelectedMailbox box, Place target) => box.Account == target.Account && target.Rights.Has(MailboxRights.Flags);

    /// <summary>All or nothing.</summary>
    public static async Task<Outcome<TransferResult>> CopyAsync(
        ImapSession s, SelectedMailbox box, IReadOnlyList<Uid> uids, Place target, CancellationToken ct)
    {
        if (uids.Count > MaxMessages)
        {
            return new Refusal(RefusalReason.LimitReached, $"At most {MaxMessages} messages at once between accounts.");
        }

        var store = s.Server.Store;
        var copied = new List<Transferred>(uids.Count);
        var read = new List<Uid>();
        var last = default(StoredMessage);
        Refusal? refusal = null;
        for (var at = 0; at < uids.Count && refusal is null; at += Page)
        {
            var rows = await store.RowsAsync(box.Account, new MessageSelection.ByUid(box.Id, [.. uids.Skip(at).Take(Page)]), ct);
            foreach (var row in rows.OrderBy(r => r.Uid))
            {
                if (await store.OpenRawAsync(box.Account, row.Content, ct) is not { } raw)
                {
                    continue;
                }

                await using var bytes = await ReadAsync(s, raw, ct);
                var flags = Place.Allowed(target.Rights, new FlagList(box.FlagsOf(row), row.Keywords ?? []));
                var stored = await store.StoreAsync(new StoreRequest
                {
                    Account = target.Account,
                    Tenant = s.Tenant,
                    Mailbox = target.Mailbox.Id,
                    Message = bytes,
                    Flags = target.SeenIsPersonal ? flags.Flags & ~MessageFlags.Seen : flags.Flags,
                    Keywords = flags.Keywords,
                    InternalDate = row.InternalDate,
                }, ct);
                if (!stored.Ok)
                {
                    refusal = stored.Refusal;
                    break;
                }

                last = stored.Value;
                copied.Add(new Transferred(row.Uid, last.Uid, last.Id, row.Mailbox));
                if (target.SeenIsPersonal && flags.Flags.HasFlag(MessageFlags.Seen))
                {
                    read.Add(last.Uid);
                }

                await s.TellProgressAsync(copied.Count, uids.Count, ct);
            }
        }

        if (refusal is not null)
        {
            if (copied.Count > 0)
            {
                await store.ExpungeAsync(target.Account, new MessageSelection.ById([.. copied.Select(m => m.Id)]), onlyDeleted: false, ct);
            }

            return refusal;
        }

        await s.ChangeSeenAsync(target.Account, target.Mailbox.Id, read, seen: true, ct);
        return new TransferResult(copied, last?.UidValidity ?? target.Mailbox.UidValidity, last?.ModSeq ?? default);
    }

    /// <summary>What the user had read is read where it is now.</summary>
    public static async Task CarrySeenAsync(ImapSession s, SelectedMailbox box, TransferResult result, Place target, CancellationToken ct)
    {
        if (target.SeenIsPersonal && box.Seen is { } seen)
        {
            await s.ChangeSeenAsync(
                target.Account, target.Mailbox.Id, [.. result.Messages.Where(m => seen.Contains(m.SourceUid.Value)).Select(m => m.Uid)], seen: true, ct);
        }
    }

    private static async Task<MessageBytes> ReadAsync(ImapSession s, Stream raw, CancellationToken ct)
    {
        var bytes = new MessageBytes(s.Server.SpoolPath);
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            await using (raw)
            {
                for (int n; (n = await raw.ReadAsync(buffer, ct)) > 0;)
                {
                    bytes.Write(buffer.AsSpan(0, n));
                }
            }

            return bytes;
        }
        catch
        {
            await bytes.DisposeAsync();
            throw;
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
