using System.Globalization;
using System.Text;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;
using SaaS.Domain.Queue;
using SaaS.Domain.Submissions;
using SaaS.MailHost.Net;
using SaaS.MailHost.Router;
using SaaS.MailHost.Smtp;

namespace SaaS.MailHost.Submission;

/// <summary>
/// Takes submissions of the API (JMAP, REST) that are due, through the same checks as submission by SMTP. The queue row and the end of
/// the submission are one commit: sent once, whatever is killed when.
/// </summary>
internal sealed partial class SubmissionWorker(
    NpgsqlDataSource source, MessageStore messages, SenderAuthorization senders, IMessageRouter router, MessageHandover handover,
    OutboundQueue queue, Settlement settlement, SendAllowance allowance, IChangeFeed feed, IOptions<DataOptions> data, RouterOptions options,
    QueueOptions queueOptions, TimeProvider clock, ILogger<SubmissionWorker> log)
    : BackgroundService
{
    public const string Topic = "submission";

    private const int Batch = 20;
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(5);

    private readonly string _owner = $"{Environment.MachineName}:{Environment.ProcessId}:{Guid.NewGuid():N}:submission";
    private readonly SemaphoreSlim _wake = new(0, 1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var subscription = feed.OnWake(Topic, Wake);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await RunBatchAsync(stoppingToken))
                {
                }

                var wait = await NextAsync(stoppingToken) is { } at && at - clock.GetUtcNow() < Poll ? at - clock.GetUtcNow() : Poll;
                await _wake.WaitAsync(wait < TimeSpan.Zero ? TimeSpan.Zero : wait, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
            }
            catch (Exception e)
            {
                LogFault(log, e);
                await Task.Delay(TimeSpan.FromSeconds(1), clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>One batch of due submissions; true when there may be more.</summary>
    internal async Task<bool> RunBatchAsync(CancellationToken ct)
    {
        var due = await TakeAsync(ct);
        foreach (var submission in due)
        {
            try
            {
                await SendAsync(submission, ct);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The lease runs out and it is tried again.
                LogSubmissionFault(log, e, submission.Account.Value, submission.Id);
            }
        }

        await FileSentAsync(ct);
        return due.Count == Batch;
    }

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    private sealed record Due(
        AccountId Account, long Id, TenantId Tenant, MessageId Message, ContentId Content, string MailFrom, string[] RcptTo, DateTimeOffset SendAt,
        bool Scheduled, string? Sender);

    private async Task<List<Due>> TakeAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var command = source.CreateCommand("""
            WITH due AS (
              SELECT account_id, id FROM email_submission
              WHERE undo_status = 0 AND send_at <= $1 AND (lease_until IS NULL OR lease_until < $1)
              ORDER BY send_at LIMIT $4 FOR UPDATE SKIP LOCKED)
            UPDATE email_submission s SET lease_owner = $2, lease_until = $3 FROM due
            WHERE s.account_id = due.account_id AND s.id = due.id
            RETURNING s.account_id, s.id, s.tenant_id, s.content_id, s.mail_from, s.rcpt_to, s.send_at, s.message_id, s.on_send_mailbox_id IS NOT NULL, s.sender
            """);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _owner });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now + Lease });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Batch });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var due = new List<Due>();
        while (await reader.ReadAsync(ct))
        {
            due.Add(new Due(
                new AccountId(reader.GetInt64(0)), reader.GetInt64(1), new TenantId(reader.GetInt64(2)), new MessageId(reader.GetInt64(7)),
                new ContentId(reader.GetInt64(3)), reader.GetString(4), reader.GetFieldValue<string[]>(5),
                reader.GetFieldValue<DateTimeOffset>(6), reader.GetBoolean(8), reader.IsDBNull(9) ? null : reader.GetString(9)));
        }

        return due;
    }

    // What is leased now is not waited for; it comes back by the poll.
    private async Task<DateTimeOffset?> NextAsync(CancellationToken ct)
    {
        await using var command = source.CreateCommand(
            "SELECT send_at FROM email_submission WHERE undo_status = 0 AND send_at > $1 ORDER BY send_at LIMIT 1");
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        return await command.ExecuteScalarAsync(ct) is DateTime at ? new DateTimeOffset(at, TimeSpan.Zero) : null;
    }

    private async Task SendAsync(Due submission, CancellationToken ct)
    {
        if (await ActiveAsync(submission.Account, ct) is false)
        {
            await FinishAsync(submission, null, null, "550 5.7.1 The account is suspended.", ct);
            return;
        }

        if (submission.Scheduled && await PlaceAsync(submission.Account, submission.Message, ct) is null or SpecialUse.Trash)
        {
            // Whoever deletes what waits does not want it sent, by whichever client.
            await FinishAsync(submission, null, null, null, ct, UndoStatus.Canceled);
            return;
        }

        if (!MailAddress.TryParse(submission.MailFrom, out var sender) || await senders.RightAsync(submission.Account, sender, ct) == SendRight.None)
        {
            await FinishAsync(submission, null, null, "550 5.7.1 The sender address does not belong to the account.", ct);
            return;
        }

        await using var raw = await messages.OpenRawAsync(submission.Account, submission.Content, ct);
        if (raw is null)
        {
            await FinishAsync(submission, null, null, "550 5.6.0 The message was deleted before it was sent.", ct);
            return;
        }

        using var stored = new MessageBytes(data.Value.SpoolPath);
        var block = new byte[64 * 1024];
        for (int n; (n = await raw.ReadAsync(block, ct)) > 0;)
        {
            stored.Write(block.AsSpan(0, n));
        }

        if (stored.Length > await senders.MaxMessageBytesAsync(submission.Account, ct))
        {
            await FinishAsync(submission, null, null, "552 5.3.4 The message is larger than the plan allows.", ct);
            return;
        }

        var header = await SubmittedHeader.ReadAsync(stored, ct);
        if (header?.From is null)
        {
            await FinishAsync(submission, null, null, "550 5.6.0 The message needs exactly one readable From field.", ct);
            return;
        }

        var onBehalf = submission.Sender;
        foreach (var from in header.From)
        {
            var right = await senders.RightAsync(submission.Account, from, ct);
            if (right == SendRight.None)
            {
                await FinishAsync(submission, null, null, "550 5.7.1 The From address does not belong to the account.", ct);
                return;
            }

            onBehalf ??= right == SendRight.OnBehalf ? await senders.AddressAsync(submission.Account, ct) : null;
        }

        if (onBehalf is not null && header.HasSender && !header.IsSender(onBehalf))
        {
            await FinishAsync(submission, null, null, "550 5.7.1 Sender must be the address of who sends on behalf.", ct);
            return;
        }

        // RFC 8621 §7.5: what goes out has no Bcc.
        using var stripped = header.HasBcc ? await header.WithoutBccAsync(stored, data.Value.SpoolPath, ct) : null;
        await HandOverAsync(submission with { Sender = onBehalf }, sender, header, stripped ?? stored, ct);
    }

    private async Task HandOverAsync(Due submission, MailAddress sender, SubmittedHeader header, MessageBytes message, CancellationToken ct)
    {
        var context = new RouteContext(sender, submission.Account, submission.Tenant, Patient: true);
        var recipients = new List<HandoverRecipient>();
        var refused = new List<(string Recipient, Refusal Refusal)>();
        foreach (var text in submission.RcptTo)
        {
            var decision = MailAddress.TryParse(text, out var recipient)
                ? await router.ResolveAsync(recipient, context, ct)
                : new Refusal(RefusalReason.Invalid, "Not an address.");
            if (decision.Refusal is { } no)
            {
                refused.Add((text, no));
            }
            else
            {
                recipients.Add(new HandoverRecipient(recipient!, decision));
            }
        }

        if (recipients.Count == 0)
        {
            await RefuseAsync(submission, refused, ct);
            return;
        }

        if (await allowance.TakeAsync(submission.Account, recipients.Count, ct) is { } exceeded)
        {
            await RefuseAsync(submission, [(submission.MailFrom, exceeded)], ct);
            return;
        }

        var now = clock.GetUtcNow();
        var date = now.ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture);
        var prepend = $"Received: by {options.HostName} with HTTP id {submission.Account}-{submission.Id};\r\n\t{date}\r\n"
            + (submission.Sender is null || header.HasSender ? "" : $"Sender: <{submission.Sender}>\r\n")
            + (header.HasDate ? "" : $"Date: {date}\r\n")
            + (header.HasMessageId ? "" : $"Message-ID: <{Guid.CreateVersion7(now):n}@{sender.Domain}>\r\n");
        var request = await handover.PrepareQueuedAsync(new HandoverRequest
        {
            Message = message,
            Prepend = Encoding.UTF8.GetBytes(prepend),
            ReversePath = sender,
            Recipients = recipients,
            Account = submission.Account,
            Tenant = submission.Tenant,
            SmtpUtf8 = sender.NeedsSmtpUtf8 || recipients.Exists(r => r.Recipient.NeedsSmtpUtf8),
            EightBit = true,
        }, ct);
        if (!request.Ok)
        {
            await RefuseAsync(submission, [(submission.MailFrom, request.Refusal)], ct);
            return;
        }

        // Some go, some never can: the sender is told of these as of any other mail that comes back.
        var report = refused.Count == 0 ? null : await ReportAsync(submission, sender, message, refused, now, ct);
        await using var body = report?.Message;
        await FinishAsync(submission, request.Value, report, null, ct);
    }

    // All of it was refused. What may go later is tried again; the row keeps the reason of what may not.
    private async Task RefuseAsync(Due submission, IReadOnlyList<(string Recipient, Refusal Refusal)> refused, CancellationToken ct)
    {
        var replies = refused.Select(r => (r.Recipient, Reply: SmtpReplies.From(r.Refusal))).ToList();
        var waited = clock.GetUtcNow() - submission.SendAt;
        if (replies.Exists(r => r.Reply.Code < 500) && waited < queueOptions.Expiry)
        {
            // Waits as long again as it has waited, between a minute and an hour.
            await PostponeAsync(submission, TimeSpan.FromTicks(Math.Clamp(waited.Ticks, TimeSpan.TicksPerMinute, TimeSpan.TicksPerHour)), ct);
            LogPostponed(log, submission.Account.Value, submission.Id, replies[0].Reply.Text);
            return;
        }

        var error = string.Join('\n', replies.Select(r => $"{Encoding.UTF8.GetString(r.Reply.Bytes).TrimEnd()} <{r.Recipient}>"));
        await FinishAsync(submission, null, null, error.Length > 0 ? error : "554 5.5.1 No recipients.", ct);
    }

    private async Task<EnqueueRequest?> ReportAsync(
        Due submission, MailAddress sender, MessageBytes message, List<(string Recipient, Refusal Refusal)> refused, DateTimeOffset now, CancellationToken ct)
    {
        var origin = new LeasedMessage
        {
            Id = 0,
            Tenant = submission.Tenant,
            Account = submission.Account,
            ReversePath = sender,
            EnvelopeId = null,
            ReturnFull = false,
            SmtpUtf8 = false,
            EightBit = true,
            Size = checked((int)message.Length),
            CreatedAt = submission.SendAt,
            ExpiresAt = submission.SendAt + queueOptions.Expiry,
            Recipients = [],
        };
        ReportedRecipient[] recipients = [.. refused.Select(r => new ReportedRecipient(
            r.Recipient, null, ReportAction.Failed, Encoding.UTF8.GetString(SmtpReplies.From(r.Refusal).Bytes).TrimEnd(), null, null))];
        return await settlement.ReportAsync(origin, message, recipients, now, ct);
    }

    // Nobody holds it until then, so it can still be taken back.
    private async Task PostponeAsync(Due submission, TimeSpan wait, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            UPDATE email_submission SET lease_owner = NULL, lease_until = $4 WHERE account_id = $1 AND id = $2 AND undo_status = 0 AND lease_owner = $3
            """);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = submission.Account.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = submission.Id });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _owner });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() + wait });
        await command.ExecuteNonQueryAsync(ct);
    }

    private async Task FinishAsync(
        Due submission, EnqueueRequest? request, EnqueueRequest? report, string? error, CancellationToken ct, UndoStatus status = UndoStatus.Final)
    {
        long modSeq;
        await using (var connection = await source.OpenConnectionAsync(ct))
        {
            await using var transaction = await connection.BeginTransactionAsync(ct);
            await using (var take = new NpgsqlCommand(
                "UPDATE account_state SET mod_seq = mod_seq + 1 WHERE account_id = $1 RETURNING mod_seq", connection, transaction))
            {
                take.Parameters.Add(new NpgsqlParameter<long> { TypedValue = submission.Account.Value });
                modSeq = (long)(await take.ExecuteScalarAsync(ct))!;
            }

            var queueId = request is null ? (long?)null : await queue.EnqueueAsync(request, transaction, ct);
            if (report is not null)
            {
                await queue.EnqueueAsync(report, transaction, ct);
            }

            await using var finish = new NpgsqlCommand("""
                UPDATE email_submission SET undo_status = $7, queue_id = $4, error = $5, mod_seq = $6, lease_owner = NULL, lease_until = NULL
                WHERE account_id = $1 AND id = $2 AND undo_status = 0 AND lease_owner = $3
                """, connection, transaction);
            var p = finish.Parameters;
            p.Add(new NpgsqlParameter<long> { TypedValue = submission.Account.Value });
            p.Add(new NpgsqlParameter<long> { TypedValue = submission.Id });
            p.Add(new NpgsqlParameter<string> { TypedValue = _owner });
            p.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Bigint, Value = (object?)queueId ?? DBNull.Value });
            p.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)error ?? DBNull.Value });
            p.Add(new NpgsqlParameter<long> { TypedValue = modSeq });
            p.Add(new NpgsqlParameter<int> { TypedValue = (int)status });
            if (await finish.ExecuteNonQueryAsync(ct) == 0)
            {
                // Cancelled meanwhile, or another node has it.
                await transaction.RollbackAsync(ct);
                return;
            }

            await transaction.CommitAsync(ct);
        }

        feed.Publish(submission.Account, new ModSeq(modSeq));
        if (request is not null)
        {
            feed.Wake(OutboundQueue.Topic);
        }

        LogFinished(log, submission.Account.Value, submission.Id, status == UndoStatus.Canceled ? "deleted before its time" : error ?? "handed over");
    }

    /// <summary>Files as sent what went out of the mailbox for scheduled mail. What a kill left behind is found by the next round; what could
    /// not be sent stays where it is, with its reason.</summary>
    private async Task FileSentAsync(CancellationToken ct)
    {
        var sent = new List<(AccountId Account, long Id, MessageId Message, MailboxId Target, bool Failed)>();
        await using (var command = source.CreateCommand($"""
            SELECT account_id, id, message_id, on_send_mailbox_id, error IS NOT NULL FROM email_submission
            WHERE undo_status = 1 AND on_send_mailbox_id IS NOT NULL LIMIT {Batch}
            """))
        {
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                sent.Add((new AccountId(reader.GetInt64(0)), reader.GetInt64(1), new MessageId(reader.GetInt64(2)),
                    new MailboxId(reader.GetInt64(3)), reader.GetBoolean(4)));
            }
        }

        foreach (var (account, id, message, target, failed) in sent)
        {
            if (!failed && await PlaceAsync(account, message, ct) is SpecialUse.Scheduled)
            {
                var which = new MessageSelection.ById([message]);
                await messages.MoveAsync(account, which, target, ct);
                await messages.ChangeFlagsAsync(account, which, new FlagChange { Add = MessageFlags.Seen, Remove = MessageFlags.Draft }, ct);
            }

            await using var done = source.CreateCommand("UPDATE email_submission SET on_send_mailbox_id = NULL WHERE account_id = $1 AND id = $2");
            done.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
            done.Parameters.Add(new NpgsqlParameter<long> { TypedValue = id });
            await done.ExecuteNonQueryAsync(ct);
        }
    }

    /// <summary>The special use of the mailbox that an email lies in; null when it is gone or has \Deleted.</summary>
    private async Task<SpecialUse?> PlaceAsync(AccountId account, MessageId message, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            SELECT b.special_use FROM message m JOIN mailbox b ON b.account_id = m.account_id AND b.id = m.mailbox_id
            WHERE m.account_id = $1 AND m.id = $2 AND m.flags & 8 = 0
            """);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = message.Value });
        return await command.ExecuteScalarAsync(ct) is short use ? (SpecialUse)use : null;
    }

    private async Task<bool> ActiveAsync(AccountId account, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            SELECT NOT a.suspended AND NOT t.suspended FROM account a JOIN tenant t ON t.id = a.tenant_id
            WHERE a.id = $1 AND a.deleted_at IS NULL
            """);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        return await command.ExecuteScalarAsync(ct) is true;
    }

    private void Wake()
    {
        try
        {
            if (_wake.CurrentCount == 0)
            {
                _wake.Release();
            }
        }
        catch (Exception e) when (e is SemaphoreFullException or ObjectDisposedException)
        {
            // Somebody else woke it at the same moment, or it is over.
        }
    }

    // Next free id: 3205
    [LoggerMessage(3201, LogLevel.Error, "The submission worker failed; it goes on in a second")]
    private static partial void LogFault(ILogger log, Exception e);

    [LoggerMessage(3202, LogLevel.Error, "Submission {Id} of account {Account} failed; it is tried again when its lease ends")]
    private static partial void LogSubmissionFault(ILogger log, Exception e, long account, long id);

    [LoggerMessage(3204, LogLevel.Information, "Submission {Id} of account {Account} waits: {Reason}")]
    private static partial void LogPostponed(ILogger log, long account, long id, string reason);

    [LoggerMessage(3203, LogLevel.Information, "Submission {Id} of account {Account}: {Result}")]
    private static partial void LogFinished(ILogger log, long account, long id, string result);
}
