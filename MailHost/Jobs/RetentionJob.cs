using Npgsql;
using SaaS.Domain.Common;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;

namespace SaaS.MailHost.Jobs;

/// <summary>
/// Deletes what has been in Trash or Junk for as long as the settings retention.trashDays and retention.junkDays allow. A message counts from when
/// it came into the folder (RFC 8514 SAVEDATE), not from when it was received. Safe to run twice and on several nodes: each account's lock decides.
/// </summary>
internal sealed class RetentionJob(NpgsqlDataSource source, MessageStore store, TimeProvider clock, ILogger<RetentionJob> log)
{
    private const int Batch = 1000;

    // The narrowest value at or above each account decides; where nobody set one, nothing is looked at.
    private static readonly string DueSql = $"""
        SELECT b.account_id, b.id, s.days FROM mailbox b JOIN account a ON a.id = b.account_id JOIN tenant t ON t.id = a.tenant_id
        CROSS JOIN LATERAL (SELECT (x.value #>> '{"{}"}')::int AS days FROM setting x
          WHERE x.key = CASE b.special_use WHEN {(int)SpecialUse.Trash} THEN 'retention.trashDays' ELSE 'retention.junkDays' END
            AND (x.level, x.owner_id) IN ((0, 0), (1, t.reseller_id), (2, t.id), (3, a.domain_id), (4, a.id)) ORDER BY x.level DESC LIMIT 1) s
        WHERE b.special_use IN ({(int)SpecialUse.Trash}, {(int)SpecialUse.Junk}) AND b.total > 0 AND s.days > 0 AND b.account_id > $1
          AND EXISTS (SELECT FROM setting WHERE key LIKE 'retention.%' AND value <> '0')
        ORDER BY b.account_id, b.id LIMIT {Batch}
        """;

    public async Task RunAsync(CancellationToken ct)
    {
        var deleted = 0;
        for (var after = 0L; ;)
        {
            var due = await ReadAsync(after, ct);
            foreach (var (account, mailbox, days) in due)
            {
                deleted += await EmptyAsync(account, mailbox, clock.GetUtcNow() - TimeSpan.FromDays(days), ct);
            }

            if (due.Count < Batch)
            {
                break;
            }

            // The last account may go on behind the page: it is looked at again, which finds what is left.
            after = due[^1].Account.Value - (due[0].Account == due[^1].Account ? 0 : 1);
        }

        log.Collected("messages past their retention", deleted);
    }

    private async Task<int> EmptyAsync(AccountId account, MailboxId mailbox, DateTimeOffset before, CancellationToken ct)
    {
        for (var deleted = 0; ;)
        {
            await using var command = source.CreateCommand(
                $"SELECT uid FROM message WHERE account_id = $1 AND mailbox_id = $2 AND saved_at < $3 ORDER BY uid LIMIT {Batch}");
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = mailbox.Value });
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = before });
            var uids = new List<Uid>();
            await using (var reader = await command.ExecuteReaderAsync(ct))
            {
                while (await reader.ReadAsync(ct))
                {
                    uids.Add(new Uid((uint)reader.GetInt64(0)));
                }
            }

            if (uids.Count == 0)
            {
                return deleted;
            }

            deleted += (await store.ExpungeAsync(account, new MessageSelection.ByUid(mailbox, uids), onlyDeleted: false, ct)).Messages.Count;
        }
    }

    private async Task<List<(AccountId Account, MailboxId Mailbox, int Days)>> ReadAsync(long after, CancellationToken ct)
    {
        await using var command = source.CreateCommand(DueSql);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var due = new List<(AccountId, MailboxId, int)>();
        while (await reader.ReadAsync(ct))
        {
            due.Add((new AccountId(reader.GetInt64(0)), new MailboxId(reader.GetInt64(1)), reader.GetInt32(2)));
        }

        return due;
    }
}
