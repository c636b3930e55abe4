using Npgsql;
using NpgsqlTypes;
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.Domain.Messages.Blobs;

namespace SaaS.Domain.Messages;

/// <summary>
/// The mail store's hot path. Every change locks the account's state row first, takes the next modseq, commits, and then tells the
/// change feed; so changes of one account are in one order and no two accounts ever wait for each other.
/// </summary>
public sealed partial class MessageStore(
    MailDatabase database, IBlobStore blobs, IChangeFeed feed, TimeProvider clock) : IMailStore
{
    /// <summary>Messages whose bytes compress to more than this stand in the blob store.</summary>
    public const int InlineLimit = 128 * 1024;

    /// <summary>Messages that one account may hold, whatever its quota in bytes (RFC 9208 §5.2 MESSAGE).</summary>
    public const int MaxMessages = 5_000_000;

    public const int MaxKeywords = 64;
    public const int MaxKeywordLength = 128;

    private readonly StoreLines _lines = new();

    private static readonly NpgsqlDbType BigintArray = NpgsqlDbType.Array | NpgsqlDbType.Bigint;

    /// <summary>The account's modseq now.</summary>
    public async Task<ModSeq> ModSeqAsync(AccountId account, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new NpgsqlCommand("SELECT mod_seq FROM account_state WHERE account_id = $1", connection);
        command.Parameters.Add(Bigint(account.Value));
        return new ModSeq(await command.ExecuteScalarAsync(ct) as long? ?? 0);
    }

    /// <summary>Takes the account's lock in the batch's transaction; what follows sees everything that was committed before.</summary>
    private static NpgsqlBatchCommand Lock(AccountId account)
    {
        var command = new NpgsqlBatchCommand("SELECT 1 FROM account_state WHERE account_id = $1 FOR UPDATE");
        command.Parameters.Add(Bigint(account.Value));
        return command;
    }

    /// <summary>The rows that a selection names, as the body of a CTE; $2 (and $3, $4) are taken.</summary>
    private static (string Sql, NpgsqlParameter[] Parameters) Select(MessageSelection which) => which switch
    {
        MessageSelection.ByUid u => (
            "SELECT m.* FROM unnest($3, $4) AS r(lo, hi) JOIN message m ON m.account_id = $1 AND m.mailbox_id = $2 AND m.uid BETWEEN r.lo AND r.hi",
            [Bigint(u.Mailbox.Value), .. Runs(u.Uids)]),
        MessageSelection.ById i => (
            "SELECT m.* FROM message m WHERE m.account_id = $1 AND m.id = ANY($2) AND $3::bigint[] IS NULL AND $4::bigint[] IS NULL",
            [
                new NpgsqlParameter { Value = i.Ids.Select(id => id.Value).ToArray(), NpgsqlDbType = BigintArray },
                new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = BigintArray },
                new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = BigintArray },
            ]),
        _ => throw new ArgumentOutOfRangeException(nameof(which)),
    };

    /// <summary>UIDs as runs of consecutive numbers, so that "all" costs one index range. None means every UID.</summary>
    private static NpgsqlParameter[] Runs(IReadOnlyList<Uid> uids)
    {
        var lo = new List<long>();
        var hi = new List<long>();
        if (uids.Count == 0)
        {
            lo.Add(1);
            hi.Add(uint.MaxValue);
        }

        foreach (var uid in Ascending(uids))
        {
            if (hi.Count > 0 && uid <= hi[^1] + 1)
            {
                hi[^1] = Math.Max(hi[^1], uid);
            }
            else
            {
                lo.Add(uid);
                hi.Add(uid);
            }
        }

        return
        [
            new NpgsqlParameter { Value = lo.ToArray(), NpgsqlDbType = BigintArray },
            new NpgsqlParameter { Value = hi.ToArray(), NpgsqlDbType = BigintArray },
        ];
    }

    private static IEnumerable<long> Ascending(IReadOnlyList<Uid> uids)
    {
        for (var i = 1; i < uids.Count; i++)
        {
            if (uids[i] < uids[i - 1])
            {
                return uids.Select(u => (long)u.Value).Order();
            }
        }

        return uids.Select(u => (long)u.Value);
    }

    private const string RowColumns =
        "id, mailbox_id, uid, mod_seq, content_id, thread_id, flags, keywords, internal_date, saved_at, size";

    private static MessageRow ReadRow(NpgsqlDataReader r) => new(
        new MessageId(r.GetInt64(0)),
        new MailboxId(r.GetInt64(1)),
        new Uid((uint)r.GetInt64(2)),
        new ModSeq(r.GetInt64(3)),
        new ContentId(r.GetInt64(4)),
        new ThreadId(r.GetInt64(5)),
        (MessageFlags)r.GetInt32(6),
        r.IsDBNull(7) ? null : r.GetFieldValue<string[]>(7),
        r.GetFieldValue<DateTimeOffset>(8),
        r.GetFieldValue<DateTimeOffset>(9),
        r.GetInt32(10));

    private static NpgsqlParameter<long> Bigint(long value) => new() { TypedValue = value };

    private static NpgsqlParameter<int> Int(int value) => new() { TypedValue = value };

    private static NpgsqlParameter<string[]> TextArray(string[] value) => new() { TypedValue = value };
}
