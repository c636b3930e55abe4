using Npgsql;
using NpgsqlTypes;
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.Domain.Messages;
using SaaS.Domain.Messages.Blobs;

namespace SaaS.Domain.Queue;

/// <summary>
/// The queue's tables, with SQL of their own. A message and its recipients are committed together; recipients are then leased with
/// SKIP LOCKED, tried, and settled; when the last one is final the message goes.
/// </summary>
public sealed partial class OutboundQueue(
    NpgsqlDataSource source, IBlobStore blobs, IChangeFeed feed, TimeProvider clock, QueueOptions options) : IOutboundQueue
{
    /// <summary>The change feed's topic that wakes the workers.</summary>
    public const string Topic = "queue";

    // One statement, so one round trip and one commit.
    private const string InsertSql = """
        WITH m AS (
          INSERT INTO queue_message (tenant_id, account_id, reverse_path, envelope_id, return_full, smtp_utf8, eight_bit, raw, blob_hash,
            size, message_id_header, subject, created_at, expires_at)
          VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
          RETURNING id)
        INSERT INTO queue_recipient (message_id, recipient, destination, account_id, original_recipient, notify, state, attempts,
          next_attempt_at, delay_notified, changed_at, junk)
        SELECT m.id, r.recipient, r.destination, r.account_id, r.original_recipient, r.notify, 0, 0, $13, false, $13, r.junk
        FROM m, unnest($15::text[], $16::text[], $17::bigint[], $18::text[], $19::smallint[], $20::boolean[])
          AS r(recipient, destination, account_id, original_recipient, notify, junk)
        RETURNING message_id
        """;

    public async Task<long> EnqueueAsync(EnqueueRequest request, CancellationToken ct)
    {
        await using var command = await InsertCommandAsync(request, ct);
        await using var connection = await source.OpenConnectionAsync(ct);
        command.Connection = connection;
        var id = (long)(await command.ExecuteScalarAsync(ct))!;
        feed.Wake(Topic);
        return id;
    }

    /// <summary>As part of the caller's transaction; after its commit the caller wakes <see cref="Topic"/>.</summary>
    public async Task<long> EnqueueAsync(EnqueueRequest request, NpgsqlTransaction transaction, CancellationToken ct)
    {
        await using var command = await InsertCommandAsync(request, ct);
        command.Connection = transaction.Connection;
        command.Transaction = transaction;
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>The bytes of a queued message; null when it is gone.</summary>
    public async Task<MessageBytes?> LoadAsync(long messageId, CancellationToken ct)
    {
        byte[]? raw, hash;
        int size;
        TenantId tenant;
        await using (var connection = await source.OpenConnectionAsync(ct))
        {
            await using var command = new NpgsqlCommand("SELECT raw, blob_hash, size, tenant_id FROM queue_message WHERE id = $1", connection);
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = messageId });
            await using var reader = await command.ExecuteReaderAsync(ct);
            if (!await reader.ReadAsync(ct))
            {
                return null;
            }

            raw = reader.IsDBNull(0) ? null : reader.GetFieldValue<byte[]>(0);
            hash = reader.IsDBNull(1) ? null : reader.GetFieldValue<byte[]>(1);
            size = reader.GetInt32(2);
            tenant = new TenantId(reader.IsDBNull(3) ? 0 : reader.GetInt64(3));
        }

        if (raw is not null)
        {
            return QueueBody.Decompress(raw, size);
        }

        await using var stream = await blobs.OpenAsync(tenant, hash!, ct)
            ?? throw new InvalidDataException($"The blob of queued message {messageId} is missing.");
        return await QueueBody.ReadAsync(stream, ct);
    }

    private async Task<NpgsqlCommand> InsertCommandAsync(EnqueueRequest request, CancellationToken ct)
    {
        if (request.Recipients.Count == 0)
        {
            throw new ArgumentException("A queued message needs a recipient.", nameof(request));
        }

        // The platform's own mail (reports) has no tenant whose blobs it could be among: it stays inline, whatever its size.
        var raw = QueueBody.TryCompress(request.Message, request.Prepend.Span, request.Tenant is null ? int.MaxValue : options.InlineLimit);
        byte[]? hash = null;
        if (raw is null)
        {
            if (request.Prepend.IsEmpty)
            {
                hash = await blobs.PutAsync(request.Tenant!.Value, request.Message, ct);
            }
            else
            {
                await using var whole = QueueBody.Join(request.Prepend.Span, request.Message);
                hash = await blobs.PutAsync(request.Tenant!.Value, whole, ct);
            }
        }

        var now = clock.GetUtcNow();
        var recipients = request.Recipients;
        var command = new NpgsqlCommand(InsertSql);
        var p = command.Parameters;
        p.Add(Nullable(request.Tenant?.Value));
        p.Add(Nullable(request.Account?.Value));
        p.Add(new NpgsqlParameter<string> { TypedValue = request.ReversePath?.ToString() ?? "" });
        p.Add(Nullable(request.EnvelopeId));
        p.Add(new NpgsqlParameter<bool> { TypedValue = request.ReturnFull });
        p.Add(new NpgsqlParameter<bool> { TypedValue = request.SmtpUtf8 });
        p.Add(new NpgsqlParameter<bool> { TypedValue = request.EightBit });
        p.Add(Nullable(raw));
        p.Add(Nullable(hash));
        p.Add(new NpgsqlParameter<int> { TypedValue = checked((int)(request.Prepend.Length + request.Message.Length)) });
        p.Add(Nullable(Shorten(request.MessageIdHeader)));
        p.Add(Nullable(Shorten(request.Subject)));
        p.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        p.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now + options.Expiry });
        p.Add(new NpgsqlParameter<string[]> { TypedValue = [.. recipients.Select(r => r.Recipient.ToString())] });
        p.Add(new NpgsqlParameter<string[]> { TypedValue = [.. recipients.Select(r => r.Account is null ? r.Recipient.Domain : LegacyDestination.Of(r.Home))] });
        p.Add(new NpgsqlParameter<long?[]> { TypedValue = [.. recipients.Select(r => r.Account?.Value)] });
        p.Add(new NpgsqlParameter<string?[]> { TypedValue = [.. recipients.Select(r => r.OriginalRecipient)] });
        p.Add(new NpgsqlParameter<short[]> { TypedValue = [.. recipients.Select(r => (short)r.Notify)] });
        p.Add(new NpgsqlParameter<bool[]> { TypedValue = [.. recipients.Select(r => r.Junk)] });
        return command;
    }

    private static string? Shorten(string? text) =>
        (text?.Length > 1000 ? text[..1000] : text)?.Replace("\0", "", StringComparison.Ordinal);

    private static NpgsqlParameter Nullable(long? value) =>
        new() { NpgsqlDbType = NpgsqlDbType.Bigint, Value = (object?)value ?? DBNull.Value };

    private static NpgsqlParameter Nullable(string? value) =>
        new() { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)value ?? DBNull.Value };

    private static NpgsqlParameter Nullable(byte[]? value) =>
        new() { NpgsqlDbType = NpgsqlDbType.Bytea, Value = (object?)value ?? DBNull.Value };
}
