using Npgsql;
using NpgsqlTypes;
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;

namespace SaaS.Domain.Submissions;

/// <summary>What is to be sent, and when.</summary>
public sealed record SubmitRequest
{
    public required AccountId Account { get; init; }
    public required long IdentityId { get; init; }
    public required MessageRow Message { get; init; }
    public required MailAddress MailFrom { get; init; }
    /// <summary>Who sends on behalf of the account.</summary>
    public string? Sender { get; init; }
    public required IReadOnlyList<MailAddress> RcptTo { get; init; }
    public required DateTimeOffset SendAt { get; init; }
}

/// <summary>The row behind "send" (RFC 8621 §7): committed here, taken by the submission role at its time. Until then it can be taken back.
/// An email that waits in the mailbox for scheduled mail is filed as sent when it goes; one that was deleted there does not go.</summary>
public sealed class SubmissionService(MailDatabase database, IChangeFeed feed, TimeProvider clock)
{
    public const int MaxRecipients = 400;
    public static readonly TimeSpan MaxDelay = TimeSpan.FromDays(60);

    private const string Columns =
        "id, mod_seq, tenant_id, identity_id, message_id, content_id, thread_id, mail_from, rcpt_to, send_at, undo_status, queue_id, error";

    public async Task<Outcome<EmailSubmission>> SubmitAsync(SubmitRequest request, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(request.Account, ct);
        await using var command = new NpgsqlCommand($"""
            WITH s AS (UPDATE account_state SET mod_seq = mod_seq + 1 WHERE account_id = $1 RETURNING mod_seq, tenant_id)
            INSERT INTO email_submission
              (account_id, id, mod_seq, tenant_id, identity_id, message_id, content_id, thread_id, mail_from, rcpt_to, send_at, undo_status,
               sender, on_send_mailbox_id)
            SELECT $1, s.mod_seq, s.mod_seq, s.tenant_id, $2, $3, $4, $5, $6, $7, $8, 0, $9,
              (SELECT sent.id FROM message m
               JOIN mailbox b ON b.account_id = $1 AND b.id = m.mailbox_id AND b.special_use = 10
               JOIN mailbox sent ON sent.account_id = $1 AND sent.special_use = 3
               WHERE m.account_id = $1 AND m.id = $3 LIMIT 1)
            FROM s
            RETURNING {Columns}
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = request.Account.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = request.IdentityId });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = request.Message.Id.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = request.Message.Content.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = request.Message.Thread.Value });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = request.MailFrom.ToString() });
        command.Parameters.Add(new NpgsqlParameter
        {
            Value = request.RcptTo.Select(r => r.ToString()).ToArray(),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
        });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = request.SendAt.ToUniversalTime() });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)request.Sender ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        EmailSubmission made;
        await using (var reader = await command.ExecuteReaderAsync(ct))
        {
            if (!await reader.ReadAsync(ct))
            {
                return Refusal.NotFound("account");
            }

            made = Read(reader, request.Account);
        }

        feed.Publish(request.Account, new ModSeq(made.ModSeq));
        feed.Wake("submission");
        return made;
    }

    /// <summary>Takes it back. Refusals: NotFound; Conflict where it is on its way already.</summary>
    public async Task<Outcome<EmailSubmission>> CancelAsync(AccountId account, long id, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using (var guard = new NpgsqlCommand("SELECT FROM account_state WHERE account_id = $1 FOR UPDATE", connection, transaction))
        {
            guard.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
            await guard.ExecuteNonQueryAsync(ct);
        }

        // The submission role leases a row before it sends it: a row without a live lease has gone nowhere.
        await using var command = new NpgsqlCommand($"""
            WITH mine AS (
              SELECT id FROM email_submission
              WHERE account_id = $1 AND id = $2 AND undo_status = 0 AND (lease_owner IS NULL OR lease_until < $3) FOR UPDATE
            ), s AS (
              UPDATE account_state SET mod_seq = mod_seq + 1 WHERE account_id = $1 AND EXISTS (SELECT FROM mine) RETURNING mod_seq
            )
            UPDATE email_submission e SET undo_status = 2, mod_seq = s.mod_seq FROM mine, s
            WHERE e.account_id = $1 AND e.id = mine.id
            RETURNING {string.Join(", ", Columns.Split(", ").Select(c => "e." + c))}
            """, connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        EmailSubmission? canceled = null;
        await using (var reader = await command.ExecuteReaderAsync(ct))
        {
            if (await reader.ReadAsync(ct))
            {
                canceled = Read(reader, account);
            }
        }

        await transaction.CommitAsync(ct);
        if (canceled is null)
        {
            return (await GetAsync(account, [id], ct)).Count == 0
                ? Refusal.NotFound("submission")
                : new Refusal(RefusalReason.Conflict, "It is on its way already.");
        }

        feed.Publish(account, new ModSeq(canceled.ModSeq));
        return canceled;
    }

    /// <summary>By id; null ids: the newest 500.</summary>
    public async Task<IReadOnlyList<EmailSubmission>> GetAsync(AccountId account, IReadOnlyCollection<long>? ids, CancellationToken ct)
    {
        var parameters = new SqlParameters();
        parameters.Add(account.Value);
        var which = ids is null ? "true" : $"id = ANY({parameters.Add(ids)})";
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = parameters.Command(
            connection, $"SELECT {Columns} FROM email_submission WHERE account_id = $1 AND {which} ORDER BY id DESC LIMIT 500");
        return await ReadAllAsync(command, account, ct);
    }

    /// <summary>Ids by condition and order, all of them: an account's submissions are kept for days only.</summary>
    public async Task<IReadOnlyList<EmailSubmission>> AllAsync(AccountId account, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new NpgsqlCommand(
            $"SELECT {Columns} FROM email_submission WHERE account_id = $1 ORDER BY id DESC LIMIT 10000", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        return await ReadAllAsync(command, account, ct);
    }

    private static async Task<IReadOnlyList<EmailSubmission>> ReadAllAsync(NpgsqlCommand command, AccountId account, CancellationToken ct)
    {
        await using var reader = await command.ExecuteReaderAsync(ct);
        var found = new List<EmailSubmission>();
        while (await reader.ReadAsync(ct))
        {
            found.Add(Read(reader, account));
        }

        return found;
    }

    private static EmailSubmission Read(NpgsqlDataReader r, AccountId account) => new()
    {
        AccountId = account,
        Id = r.GetInt64(0),
        ModSeq = r.GetInt64(1),
        TenantId = new TenantId(r.GetInt64(2)),
        IdentityId = r.GetInt64(3),
        MessageId = new MessageId(r.GetInt64(4)),
        ContentId = new ContentId(r.GetInt64(5)),
        ThreadId = new ThreadId(r.GetInt64(6)),
        MailFrom = r.GetString(7),
        RcptTo = [.. r.GetFieldValue<string[]>(8)],
        SendAt = r.GetFieldValue<DateTimeOffset>(9),
        UndoStatus = (UndoStatus)r.GetInt32(10),
        QueueId = r.IsDBNull(11) ? null : r.GetInt64(11),
        Error = r.IsDBNull(12) ? null : r.GetString(12),
    };
}
