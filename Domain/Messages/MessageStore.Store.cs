using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using SaaS.Domain.Common;
using SaaS.Domain.Delivery;

namespace SaaS.Domain.Messages;

public sealed partial class MessageStore
{
    // One statement, one round trip, one commit. The state row is locked first and everything else hangs on it; a mailbox that was deleted
    // while this waited for the lock ends in a division by zero, and so in no change at all.
    private static readonly string StatementSql = $"""
        WITH target AS (
          SELECT id FROM mailbox WHERE account_id = $1 AND CASE WHEN $2 > 0 THEN id = $2 ELSE special_use = $3 END ORDER BY id LIMIT 1
        ), s AS (
          UPDATE account_state SET mod_seq = mod_seq + 1, used_bytes = used_bytes + $4, message_count = message_count + 1
          WHERE account_id = $1 AND used_bytes + $4 <= quota_bytes AND message_count < {MaxMessages} AND EXISTS (SELECT FROM target)
            AND ($20 < 0 OR (sieve_version = $20 AND NOT elsewhere))
          RETURNING mod_seq
        ), box AS (
          UPDATE mailbox b SET uid_next = uid_next + 1, total = total + 1, unseen = unseen + CASE WHEN $5 & 1 = 0 THEN 1 ELSE 0 END,
            deleted_count = deleted_count + CASE WHEN $5 & 8 <> 0 THEN 1 ELSE 0 END, size_bytes = size_bytes + $4, highest_mod_seq = s.mod_seq
          FROM s, target WHERE b.account_id = $1 AND b.id = target.id
          RETURNING b.id, b.uid_next - 1 AS uid, b.uid_validity
        ), known AS (
          SELECT thread_id FROM thread_reference WHERE account_id = $1 AND hash = ANY($6) ORDER BY thread_id LIMIT 1
        ), thread AS (
          SELECT coalesce((SELECT thread_id FROM known), s.mod_seq) AS id FROM s
        ), refs AS (
          INSERT INTO thread_reference (account_id, hash, thread_id) SELECT $1, h, thread.id FROM thread, unnest($6) AS h ON CONFLICT DO NOTHING
        ), content AS (
          INSERT INTO message_content (account_id, id, header, body, blob_hash, blob_body_offset, size, header_size, envelope, structure, preview,
            has_attachment, sent_at)
          SELECT $1, s.mod_seq, $7, $8, $9, $10, $4, $11, $12, $13, $14, $15, $16 FROM s
        ), stored AS (
          INSERT INTO message (account_id, id, mailbox_id, uid, mod_seq, content_id, thread_id, flags, keywords, internal_date, saved_at, size)
          SELECT $1, s.mod_seq, box.id, box.uid, s.mod_seq, s.mod_seq, thread.id, $5, $17, $18, $19, $4 FROM s, box, thread
        )KEY
        SELECT s.mod_seq, box.id, box.uid, box.uid_validity, thread.id, 1 / (SELECT count(*) FROM box)
        FROM s CROSS JOIN thread LEFT JOIN box ON true
        """;

    // Two statements, since a table that is named is opened and locked whether a row comes of it or not.
    private static readonly string StoreSql = StatementSql.Replace("KEY", "", StringComparison.Ordinal);

    private static readonly string StoreOnceSql = StatementSql.Replace(
        "KEY", ", key AS (INSERT INTO delivery_key (account_id, key, at) SELECT $1, $21, $19 FROM s)", StringComparison.Ordinal);

    private static readonly string StoreBeyondQuotaSql = StoreSql.Replace(
        " AND used_bytes + $4 <= quota_bytes", "", StringComparison.Ordinal);

    /// <summary>One message into one mailbox. Refusals: OverQuota, NotFound, Conflict (filters have changed).</summary>
    public Task<Outcome<StoredMessage>> StoreAsync(StoreRequest request, CancellationToken ct) => StoreAsync(request, null, ct);

    /// <summary>Any number of copies into one account, and what <paramref name="alongside"/> does, in one transaction: all or nothing.
    /// With no copies the message was thrown away; the delivery key remembers that it was seen.</summary>
    /// <param name="first">Names account, delivery key and filter version; those of the copies do not count.</param>
    /// <param name="copies">What goes into mailboxes.</param>
    /// <param name="alongside">Runs in the transaction, behind the account's lock.</param>
    /// <param name="ct">Stops it while nothing is committed.</param>
    public Task<Outcome<IReadOnlyList<StoredMessage>>> StoreAllAsync(
        StoreRequest first, IReadOnlyList<StoreRequest> copies, Func<NpgsqlTransaction, CancellationToken, Task> alongside, CancellationToken ct) =>
        StoreAllAsync(first, copies, (transaction, _, c) => alongside(transaction, c), ct);

    /// <inheritdoc cref="StoreAllAsync(StoreRequest, IReadOnlyList{StoreRequest}, Func{NpgsqlTransaction, CancellationToken, Task}, CancellationToken)"/>
    public async Task<Outcome<IReadOnlyList<StoredMessage>>> StoreAllAsync(
        StoreRequest first, IReadOnlyList<StoreRequest> copies,
        Func<NpgsqlTransaction, IReadOnlyList<StoredMessage>, CancellationToken, Task> alongside, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(first.Account, ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using (var state = new NpgsqlCommand("SELECT CASE WHEN elsewhere THEN -1 ELSE sieve_version END FROM account_state WHERE account_id = $1 FOR UPDATE", connection, transaction))
        {
            state.Parameters.Add(Bigint(first.Account.Value));
            if (await state.ExecuteScalarAsync(ct) is not long version)
            {
                return Refusal.NotFound("account");
            }

            if (first.SieveVersion is { } seen && seen != version)
            {
                return new Refusal(RefusalReason.Conflict, "The filters have changed.");
            }
        }

        if (first.DeliveryKey is > 0 and var key)
        {
            await using var mark = new NpgsqlCommand(
                "INSERT INTO delivery_key (account_id, key, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", connection, transaction);
            mark.Parameters.Add(Bigint(first.Account.Value));
            mark.Parameters.Add(Bigint(key));
            mark.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
            if (await mark.ExecuteNonQueryAsync(ct) == 0)
            {
                return new List<StoredMessage> { new(default, default, default, default, default, 0, default, 0, Repeated: true) };
            }
        }

        var stored = new List<StoredMessage>();
        foreach (var copy in copies)
        {
            var one = await StoreAsync(copy with { DeliveryKey = null, SieveVersion = null }, transaction, ct);
            if (!one.Ok)
            {
                return one.Refusal;
            }

            stored.Add(one.Value);
        }

        await alongside(transaction, stored, ct);
        await transaction.CommitAsync(ct);
        if (stored.Count > 0)
        {
            feed.Publish(first.Account, stored[^1].ModSeq);
        }

        return stored;
    }

    private async Task<Outcome<StoredMessage>> StoreAsync(StoreRequest request, NpgsqlTransaction? transaction, CancellationToken ct)
    {
        var keywords = NormalizeKeywords(request.Keywords);
        if (keywords is null)
        {
            return new Refusal(RefusalReason.LimitReached, "Too many keywords, or one that is too long.");
        }

        var parsed = request.Parsed ?? MessageParser.Parse(request.Message);
        var shift = request.Prepend.Length;
        var size = checked((int)request.Message.Length + shift);
        var bytes = await SplitAsync(request, parsed, ct);
        var now = clock.GetUtcNow();

        var store = new WaitingStore(request, size, Command(request, parsed, keywords, bytes, size, shift, now));
        if (transaction is null)
        {
            return await _lines.RunAsync(store, (together, token) => StoreTogetherAsync(together, null, token), ct);
        }

        await StoreTogetherAsync([store], transaction, ct);
        return store.Outcome!.Value;
    }

    private static NpgsqlBatchCommand Command(
        StoreRequest request, ParsedMessage parsed, string[] keywords, (byte[] Header, byte[]? Body, byte[]? BlobHash) bytes, int size, int shift,
        DateTimeOffset now)
    {
        var command = new NpgsqlBatchCommand(
            request.DeliveryKey is not null ? StoreOnceSql : request.ExceedQuota ? StoreBeyondQuotaSql : StoreSql);
        var p = command.Parameters;
        p.Add(Bigint(request.Account.Value));
        p.Add(Bigint(request.Mailbox?.Value ?? 0));
        p.Add(new NpgsqlParameter<short> { TypedValue = (short)request.SpecialUse });
        p.Add(Int(size));
        p.Add(Int((int)request.Flags));
        p.Add(new NpgsqlParameter { Value = ThreadHashes(parsed), NpgsqlDbType = BigintArray });
        p.Add(new NpgsqlParameter<byte[]> { TypedValue = bytes.Header });
        p.Add(new NpgsqlParameter { Value = (object?)bytes.Body ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bytea });
        p.Add(new NpgsqlParameter { Value = (object?)bytes.BlobHash ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bytea });
        p.Add(Int(bytes.BlobHash is null ? 0 : parsed.HeaderSize));
        p.Add(Int(parsed.HeaderSize + shift));
        p.Add(new NpgsqlParameter
        {
            Value = JsonSerializer.SerializeToUtf8Bytes(parsed.Envelope, MessageJson.Default.MessageEnvelope),
            NpgsqlDbType = NpgsqlDbType.Json,
        });
        p.Add(new NpgsqlParameter
        {
            Value = JsonSerializer.SerializeToUtf8Bytes(Shift(parsed.Structure, shift, isRoot: true), MessageJson.Default.BodyPart),
            NpgsqlDbType = NpgsqlDbType.Json,
        });
        p.Add(new NpgsqlParameter<string> { TypedValue = parsed.Preview });
        p.Add(new NpgsqlParameter<bool> { TypedValue = parsed.HasAttachment });
        p.Add(new NpgsqlParameter { Value = (object?)parsed.SentAt?.ToUniversalTime() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        p.Add(new NpgsqlParameter { Value = keywords.Length == 0 ? DBNull.Value : keywords, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        p.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = (request.InternalDate ?? now).ToUniversalTime() });
        p.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        p.Add(Bigint(request.SieveVersion ?? -1));
        if (request.DeliveryKey is { } key)
        {
            p.Add(Bigint(key));
        }

        return command;
    }

    /// <summary>Messages of one account in one transaction. Each has its outcome afterwards, and what has one is committed; with the caller's
    /// <paramref name="transaction"/> it is as it would be once that is.</summary>
    private async Task StoreTogetherAsync(IReadOnlyList<WaitingStore> stores, NpgsqlTransaction? transaction, CancellationToken ct)
    {
        try
        {
            await using var own = transaction is null ? await database.OpenAsync(stores[0].Request.Account, ct) : null;
            await StoreAsync(own ?? transaction!.Connection!, transaction, stores, ct);
        }
        catch (PostgresException e) when (stores.Count > 1 && e.SqlState[..2] is "22" or "23" or "40")
        {
            // One of them: nothing is committed, and each is tried by itself.
            foreach (var store in stores)
            {
                try
                {
                    await StoreTogetherAsync([store], null, ct);
                }
                catch (Exception fault)
                {
                    store.Fault = fault;
                }
            }
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation && e.ConstraintName == "pk_delivery_key")
        {
            stores[0].Outcome = new StoredMessage(default, default, default, default, default, 0, default, stores[0].Size, Repeated: true);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DivisionByZero)
        {
            stores[0].Outcome = Refusal.NotFound("mailbox");
        }
    }

    private async Task StoreAsync(
        NpgsqlConnection connection, NpgsqlTransaction? transaction, IReadOnlyList<WaitingStore> stores, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(connection, transaction);
        foreach (var store in stores)
        {
            batch.BatchCommands.Add(store.Command);
        }

        var stored = new StoredMessage?[stores.Count];
        await using (var reader = await batch.ExecuteReaderAsync(ct))
        {
            for (var i = 0; i < stored.Length; i++)
            {
                if (await reader.ReadAsync(ct))
                {
                    var modSeq = new ModSeq(reader.GetInt64(0));
                    stored[i] = new StoredMessage(
                        new MessageId(modSeq.Value), new ContentId(modSeq.Value), new ThreadId(reader.GetInt64(4)), new MailboxId(reader.GetInt64(1)),
                        new Uid((uint)reader.GetInt64(2)), reader.GetInt64(3), modSeq, stores[i].Size);
                }

                await reader.NextResultAsync(ct);
            }

            // To the end of the protocol's answer: only then is it committed.
            await reader.CloseAsync();
        }

        ModSeq? last = null;
        for (var i = 0; i < stored.Length; i++)
        {
            if (stored[i] is { } one)
            {
                stores[i].Outcome = one;
                last = one.ModSeq;
            }
        }

        if (last is { } through && transaction is null)
        {
            feed.Publish(stores[0].Request.Account, through);
        }

        foreach (var refused in stores.Where(s => s.Outcome is null))
        {
            refused.Outcome = await WhyNotStoredAsync(connection, refused.Request, refused.Size, ct);
        }
    }

    private static async Task<Refusal> WhyNotStoredAsync(NpgsqlConnection connection, StoreRequest request, int size, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"""
            SELECT (s.used_bytes + $2 > s.quota_bytes AND NOT $4) OR s.message_count >= {MaxMessages}, $3 >= 0 AND (s.sieve_version <> $3 OR s.elsewhere) FROM account_state s WHERE s.account_id = $1
            """, connection);
        command.Parameters.Add(Bigint(request.Account.Value));
        command.Parameters.Add(Int(size));
        command.Parameters.Add(Bigint(request.SieveVersion ?? -1));
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = request.ExceedQuota });
        await using var reader = await command.ExecuteReaderAsync(ct);
        if (!await reader.ReadAsync(ct))
        {
            return Refusal.NotFound("account");
        }

        return reader.GetBoolean(1) ? new Refusal(RefusalReason.Conflict, "The filters have changed.")
            : reader.GetBoolean(0)
            ? new Refusal(RefusalReason.OverQuota, "The mailbox is full.")
            : Refusal.NotFound("mailbox");
    }

    private async Task<(byte[] Header, byte[]? Body, byte[]? BlobHash)> SplitAsync(StoreRequest request, ParsedMessage parsed, CancellationToken ct)
    {
        if (request.Message.Memory is { } memory)
        {
            var body = Zstd.Compress(memory.Span[parsed.HeaderSize..]);
            if (body.Length <= InlineLimit)
            {
                return (CompressHeader(request.Prepend.Span, memory.Span[..parsed.HeaderSize]), body, null);
            }
        }

        var header = new byte[parsed.HeaderSize];
        await using (var stream = request.Message.OpenRead())
        {
            await stream.ReadExactlyAsync(header, ct);
        }

        var hash = await blobs.PutAsync(request.Tenant, request.Message, ct);
        return (CompressHeader(request.Prepend.Span, header), null, hash);
    }

    private static byte[] CompressHeader(ReadOnlySpan<byte> prepend, ReadOnlySpan<byte> header)
    {
        if (prepend.IsEmpty)
        {
            return Zstd.Compress(header);
        }

        var both = System.Buffers.ArrayPool<byte>.Shared.Rent(prepend.Length + header.Length);
        try
        {
            prepend.CopyTo(both);
            header.CopyTo(both.AsSpan(prepend.Length));
            return Zstd.Compress(both.AsSpan(0, prepend.Length + header.Length));
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(both);
        }
    }

    private static BodyPart Shift(BodyPart part, int by, bool isRoot) => by == 0 ? part : part with
    {
        HeaderOffset = isRoot ? part.HeaderOffset : part.HeaderOffset + by,
        BodyOffset = part.BodyOffset + by,
        Parts = part.Parts?.Select(p => Shift(p, by, isRoot: false)).ToList(),
        Message = part.Message is null ? null : Shift(part.Message, by, isRoot: false),
    };

    /// <summary>A message joins a thread by any id that it names, where the subject is the same without its Re: and Fwd: (RFC 8621 §3).</summary>
    private static long[] ThreadHashes(ParsedMessage parsed)
    {
        var ids = new List<string>();
        if (parsed.Envelope.MessageId is { Length: > 0 } own)
        {
            ids.Add(own);
        }

        if (parsed.Envelope.References is { } references)
        {
            // The first names the thread's start; the last ones its end.
            ids.AddRange(references.Count <= 20 ? references : [references[0], .. references.TakeLast(19)]);
        }

        if (parsed.Envelope.InReplyTo is { Length: > 0 } reply)
        {
            ids.AddRange(reply.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(w => w[0] == '<').Take(5));
        }

        var hashes = new HashSet<long>(ids.Count);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        foreach (var id in ids)
        {
            SHA256.HashData(Encoding.UTF8.GetBytes($"{id.Trim()}\n{parsed.BaseSubject.ToLowerInvariant()}"), digest);
            hashes.Add(BitConverter.ToInt64(digest));
        }

        return [.. hashes];
    }

    /// <summary>Lower case, each once; null where a limit is passed.</summary>
    private static string[]? NormalizeKeywords(IReadOnlyList<string> keywords)
    {
        if (keywords.Count == 0)
        {
            return [];
        }

        var set = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var keyword in keywords)
        {
            if (keyword.Length is 0 or > MaxKeywordLength)
            {
                return null;
            }

            set.Add(keyword.ToLowerInvariant());
        }

        return set.Count > MaxKeywords ? null : [.. set];
    }
}
