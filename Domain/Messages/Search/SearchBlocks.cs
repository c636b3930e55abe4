using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Npgsql;
using SaaS.Domain.Common;

namespace SaaS.Domain.Messages.Search;

/// <summary>Where a needle may stand.</summary>
[Flags]
public enum SearchPlaces
{
    /// <summary>The header fields of the message and of its parts.</summary>
    Header = 1,
    /// <summary>The text.</summary>
    Body = 2,
}

/// <summary>Contents that may have the needle: a look at them decides.</summary>
/// <param name="Header">Those that may have it in their header fields; ascending, of those that the blocks cover.</param>
/// <param name="Body">Those that may have it in their text; likewise.</param>
/// <param name="Through">What came later is not covered and may have it too. 0: nothing is covered.</param>
public sealed record SearchCandidates(IReadOnlyList<long> Header, IReadOnlyList<long> Body, long Through)
{
    public bool May(long content, SearchPlaces places) => content > Through
        || (places.HasFlag(SearchPlaces.Header) && ((List<long>)Header).BinarySearch(content) >= 0)
        || (places.HasFlag(SearchPlaces.Body) && ((List<long>)Body).BinarySearch(content) >= 0);
}

/// <summary>
/// Rules out the messages that cannot have a text, for exact substring search. For each 512 contents of an account there is one row with
/// a bit per content and run of three characters, stored so that the bits of one run lie together: a look-up reads 128 octets a run and
/// block, not the messages. A kilobyte a message; written behind the delivery, 512 messages at a time, once and in order.
/// </summary>
public sealed class SearchBlocks(MailDatabase database)
{
    /// <summary>Contents of one block.</summary>
    public const int Slots = 512;

    private const int Slice = Slots / 8;
    private const int Stripe = 2 * Slice;
    private const long LockSpace = 0x424C_4F43L << 40;

    /// <summary>Taken by who writes or deletes blocks of the account, for its transaction.</summary>
    public static long LockKey(AccountId account) => LockSpace ^ account.Value;

    /// <summary>Builds the blocks that can be built, for about the given time. False when it stopped early.</summary>
    public async Task<bool> CatchUpAsync(AccountId account, TimeSpan atMost, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        while (await BuildAsync(account, ct))
        {
            if (Stopwatch.GetElapsedTime(started) > atMost)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Contents whose header fields or text may have all of the needles.</summary>
    public async Task<SearchCandidates> FindAsync(
        AccountId account, SearchPlaces places, IReadOnlyList<string> needles, CancellationToken ct)
    {
        var grams = needles.SelectMany(Grams.Of).Distinct().ToList();
        if (grams.Count == 0)
        {
            return new SearchCandidates(new List<long>(), new List<long>(), 0);
        }

        await using var connection = await database.OpenAsync(account, ct);
        var hits = new List<(long Last, byte[] Slots)>();
        var through = 0L;
        var bits = string.Join(" || ", grams.Select((_, i) => $"substring(bits FROM ${i + 2} FOR {Stripe})"));
        await using (var command = new NpgsqlCommand($"SELECT last, partial, {bits} FROM search_block WHERE account_id = $1 ORDER BY last", connection))
        {
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
            foreach (var gram in grams)
            {
                command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = (gram * Stripe) + 1 });
            }

            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                through = reader.GetInt64(0);
                if (Match(reader.GetFieldValue<byte[]>(2), reader.GetFieldValue<byte[]>(1), places) is { } slots)
                {
                    hits.Add((through, slots));
                }
            }
        }

        var (header, body) = hits.Count == 0 ? ([], []) : await ContentsAsync(connection, account, hits, ct);
        return new SearchCandidates(header, body, through);
    }

    private static byte[]? Match(ReadOnlySpan<byte> stripes, ReadOnlySpan<byte> partial, SearchPlaces places)
    {
        Span<byte> both = stackalloc byte[Stripe];
        stripes[..Stripe].CopyTo(both);
        var words = MemoryMarshal.Cast<byte, ulong>(both);
        for (var at = Stripe; at < stripes.Length; at += Stripe)
        {
            var next = MemoryMarshal.Cast<byte, ulong>(stripes.Slice(at, Stripe));
            for (var i = 0; i < words.Length; i++)
            {
                words[i] &= next[i];
            }
        }

        for (var i = 0; i < Slice; i++)
        {
            both[i] = places.HasFlag(SearchPlaces.Header) ? both[i] : (byte)0;
            both[Slice + i] = places.HasFlag(SearchPlaces.Body) ? (byte)(both[Slice + i] | partial[i]) : (byte)0;
        }

        return both.IndexOfAnyExcept((byte)0) >= 0 ? both.ToArray() : null;
    }

    private static async Task<(List<long> Header, List<long> Body)> ContentsAsync(
        NpgsqlConnection connection, AccountId account, List<(long Last, byte[] Slots)> hits, CancellationToken ct)
    {
        var (header, body) = (new List<long>(), new List<long>());
        await using var command = new NpgsqlCommand(
            "SELECT first, contents FROM search_block WHERE account_id = $1 AND last = ANY($2) ORDER BY last", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. hits.Select(h => h.Last)] });
        await using var reader = await command.ExecuteReaderAsync(ct);
        for (var hit = 0; await reader.ReadAsync(ct); hit++)
        {
            var first = reader.GetInt64(0);
            var contents = reader.GetFieldValue<byte[]>(1);
            for (var at = 0; at < Stripe; at++)
            {
                for (uint slots = hits[hit].Slots[at]; slots != 0; slots &= slots - 1)
                {
                    var slot = (at % Slice * 8) + BitOperations.TrailingZeroCount(slots);
                    (at < Slice ? header : body).Add(first + BinaryPrimitives.ReadUInt32LittleEndian(contents.AsSpan(slot * 4)));
                }
            }
        }

        return (header, body);
    }

    /// <summary>One block, where there is enough for one. False when there is not.</summary>
    private async Task<bool> BuildAsync(AccountId account, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        if (!await IsDueAsync(connection, account, ct))
        {
            return false;
        }

        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using (var guard = new NpgsqlCommand(
            "SELECT pg_advisory_xact_lock($1), set_config('synchronous_commit', 'off', true)", connection, transaction))
        {
            // What a crash takes away is built again.
            guard.Parameters.Add(new NpgsqlParameter<long> { TypedValue = LockKey(account) });
            await guard.ExecuteNonQueryAsync(ct);
        }

        var bits = ArrayPool<byte>.Shared.Rent(Grams.Buckets * Stripe);
        try
        {
            var block = await ReadAsync(connection, account, bits.AsMemory(0, Grams.Buckets * Stripe), ct);
            if (block is null)
            {
                return false;
            }

            await using var insert = new NpgsqlCommand("""
                INSERT INTO search_block (account_id, last, first, contents, partial, bits) VALUES ($1, $2, $3, $4, $5, $6)
                """, connection, transaction);
            insert.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
            insert.Parameters.Add(new NpgsqlParameter<long> { TypedValue = block.Last.Value });
            insert.Parameters.Add(new NpgsqlParameter<long> { TypedValue = block.First.Value });
            insert.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = block.Contents });
            insert.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = block.Partial });
            insert.Parameters.Add(new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = bits.AsMemory(0, Grams.Buckets * Stripe) });
            await insert.ExecuteNonQueryAsync(ct);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bits);
        }

        await transaction.CommitAsync(ct);
        return true;
    }

    /// <summary>Whether as many contents may be waiting: ids are modseqs, so there are never more contents than numbers.</summary>
    private static async Task<bool> IsDueAsync(NpgsqlConnection connection, AccountId account, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("""
            SELECT coalesce((SELECT through FROM search_progress WHERE account_id = $1), 0)
              - coalesce((SELECT max(last) FROM search_block WHERE account_id = $1), 0)
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        return (long)(await command.ExecuteScalarAsync(ct))! >= Slots;
    }

    private static async Task<SearchBlock?> ReadAsync(NpgsqlConnection connection, AccountId account, Memory<byte> bits, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("""
            SELECT x.content_id, x.text, octet_length(x.text), c.header, c.envelope, c.structure, c.size
            FROM (SELECT content_id, text FROM message_search
                  WHERE account_id = $1 AND content_id > coalesce((SELECT max(last) FROM search_block WHERE account_id = $1), 0)
                    AND content_id <= (SELECT through FROM search_progress WHERE account_id = $1)
                  ORDER BY content_id LIMIT $2) AS x
            JOIN message_content c ON c.account_id = $1 AND c.id = x.content_id ORDER BY x.content_id
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Slots });
        var contents = new byte[Slots * 4];
        var partial = new byte[Slice];
        long first = 0, last = 0;
        var slot = 0;
        bits.Span.Clear();
        await using var reader = await command.ExecuteReaderAsync(ct);
        for (; await reader.ReadAsync(ct); slot++)
        {
            last = reader.GetInt64(0);
            first = slot == 0 ? last : first;
            if (last - first > uint.MaxValue)
            {
                // Four thousand million changes between two messages: not within one block.
                return null;
            }

            BinaryPrimitives.WriteUInt32LittleEndian(contents.AsSpan(slot * 4), (uint)(last - first));
            var structure = JsonSerializer.Deserialize(reader.GetFieldValue<byte[]>(5), MessageJson.Default.BodyPart)!;
            if (!TextWholeness.IsWhole(reader.GetInt32(2), reader.GetInt32(6), structure))
            {
                partial[slot >> 3] |= (byte)(1 << (slot & 7));
            }

            Fill(bits.Span, slot, reader.GetString(1), Zstd.Decompress(reader.GetFieldValue<byte[]>(3)),
                JsonSerializer.Deserialize(reader.GetFieldValue<byte[]>(4), MessageJson.Default.MessageEnvelope)!, structure);
        }

        return slot < Slots ? null : new SearchBlock
        {
            AccountId = account,
            Last = new ContentId(last),
            First = new ContentId(first),
            Contents = contents,
            Partial = partial,
            Bits = [],
        };
    }

    private static void Fill(Span<byte> bits, int slot, string text, byte[] header, MessageEnvelope envelope, BodyPart structure)
    {
        Span<ulong> set = stackalloc ulong[Grams.Buckets / 64];
        set.Clear();
        Grams.Add(text, set);
        Spread(bits, set, slot, Slice);

        // All that a search of header fields compares with, in the forms in which it does.
        set.Clear();
        Grams.Add(HeaderText.Whole(header), set);
        Grams.Add(HeaderText.Parts(structure), set);
        Grams.Add(envelope.Subject, set);
        foreach (var addresses in new[] { envelope.From, envelope.To, envelope.Cc, envelope.Bcc })
        {
            foreach (var address in addresses ?? [])
            {
                Grams.Add(HeaderText.Address(address), set);
            }
        }

        Grams.Add(envelope.MessageId, set);
        Grams.Add(envelope.InReplyTo, set);
        Spread(bits, set, slot, 0);
    }

    private static void Spread(Span<byte> bits, ReadOnlySpan<ulong> set, int slot, int offset)
    {
        var at = offset + (slot >> 3);
        var bit = (byte)(1 << (slot & 7));
        for (var word = 0; word < set.Length; word++)
        {
            for (var left = set[word]; left != 0; left &= left - 1)
            {
                bits[((((word << 6) + BitOperations.TrailingZeroCount(left)) * Stripe)) + at] |= bit;
            }
        }
    }
}

/// <summary>Whether the text that was indexed is all of a message's text.</summary>
public static class TextWholeness
{
    /// <summary>
    /// A text part that is no larger is indexed whole where at most half of the room for the text was needed: the extractor reads eight
    /// octets for each character that there is still room for.
    /// </summary>
    private const int PartBytes = PostgresSearchIndex.MaxText / 2 * 8;

    /// <summary>False where the message itself must be read; the structure is only looked at where the size leaves it open.</summary>
    public static bool? IsWhole(int textBytes, int messageSize) =>
        textBytes > PostgresSearchIndex.MaxText / 2 ? false : messageSize <= PartBytes ? true : null;

    public static bool IsWhole(int textBytes, int messageSize, BodyPart structure) =>
        IsWhole(textBytes, messageSize) ?? LargestText(structure) <= PartBytes;

    private static int LargestText(BodyPart part) => Math.Max(
        part.Type == "text" ? part.BodySize : 0,
        Math.Max(part.Message is { } inner ? LargestText(inner) : 0, part.Parts is { Count: > 0 } parts ? parts.Max(LargestText) : 0));
}
