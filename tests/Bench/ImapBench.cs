using System.Diagnostics;
using System.Globalization;
using System.Text;
using Npgsql;

namespace SaaS.Bench;

/// <summary>The look at a mailbox of 10,000 and of 100,000 messages, beside Dovecot (mdbox). Fills both first; needs u1 and u2.</summary>
internal static class ImapBench
{
    public static async Task RunAsync(Options options)
    {
        using var peer = Peer.Start();
        foreach (var (user, count) in new[] { ("u1@example.test", 10_000), ("u2@example.test", 100_000) })
        {
            using var ours = await SignInAsync(options.Run("imaps"), tls: true, user);
            await FillOursAsync(options.Run("database"), ours, user, count);
            var mine = await MeasureAsync(ours, count);
            double[]? theirs = null;
            if (peer is not null)
            {
                using var line = await SignInAsync(peer.Imap, tls: false, user);
                await FillTheirsAsync(line, count);
                theirs = await MeasureAsync(line, count);
            }

            for (var i = 0; i < mine.Length; i++)
            {
                var beside = theirs is null ? "" : $", Dovecot {theirs[i]:0.0} ms, ratio {mine[i] / Math.Max(0.01, theirs[i]):0.00}";
                Console.WriteLine($"imap {count} messages, {Commands(count)[i]}: {mine[i]:0.0} ms{beside}");
            }
        }

        Console.WriteLine("Bound by: SELECT by one round trip to PostgreSQL; FLAGS by formatting once the mailbox is in memory; ENVELOPE by reading rows.");
    }

    private static string[] Commands(int count) =>
        ["EXAMINE Bench", "FETCH 1:* (FLAGS UID)", $"FETCH {count - 49}:{count} (ENVELOPE)", "FETCH 1:* (ENVELOPE)", "SEARCH SUBJECT nothing-like-it"];

    private static async Task<Line> SignInAsync(string address, bool tls, string user)
    {
        var line = await Line.ConnectAsync(address, tls);
        await line.ReadAsync();
        await line.CommandAsync($"LOGIN {user} secret");
        return line;
    }

    private static async Task FillOursAsync(string database, Line line, string user, int count)
    {
        await CreateAsync(line);
        await AppendAsync(line, 1);
        await using var source = NpgsqlDataSource.Create(database);
        await using var fill = source.CreateCommand("""
            WITH a AS (SELECT id FROM account WHERE address = $1),
            b AS (SELECT m.id, m.uid_next, m.total FROM mailbox m, a WHERE m.account_id = a.id AND m.name = 'Bench'),
            s AS (UPDATE account_state SET mod_seq = mod_seq + $2 FROM a WHERE account_id = a.id RETURNING account_id, mod_seq - $2 AS base),
            one AS (SELECT x.* FROM message x, a, b WHERE x.account_id = a.id AND x.mailbox_id = b.id ORDER BY uid DESC LIMIT 1),
            n AS (SELECT i FROM b, generate_series(1, $2 - b.total) AS i),
            c AS (
              INSERT INTO message_content SELECT k.account_id, s.base + n.i, k.header, k.body, k.blob_hash, k.blob_body_offset, k.size, k.header_size,
                k.envelope, k.structure, k.preview, k.has_attachment, k.sent_at
              FROM message_content k, one, s, n WHERE k.account_id = one.account_id AND k.id = one.content_id),
            m AS (
              INSERT INTO message (account_id, id, mailbox_id, uid, mod_seq, content_id, thread_id, flags, keywords, internal_date, saved_at, size)
              SELECT one.account_id, s.base + n.i, b.id, b.uid_next + n.i - 1, s.base + n.i, s.base + n.i, s.base + n.i, n.i % 2, null, now(), now(), one.size
              FROM one, b, s, n)
            UPDATE mailbox x SET uid_next = b.uid_next + $2 - b.total, total = $2, unseen = $2 / 2, highest_mod_seq = s.base + $2
            FROM a, b, s WHERE x.account_id = a.id AND x.id = b.id
            """);
        fill.CommandTimeout = 600;
        fill.Parameters.Add(new NpgsqlParameter<string> { TypedValue = user });
        fill.Parameters.Add(new NpgsqlParameter<int> { TypedValue = count });
        await fill.ExecuteNonQueryAsync();
        await using var analyze = source.CreateCommand("VACUUM ANALYZE message, message_content");
        analyze.CommandTimeout = 600;
        await analyze.ExecuteNonQueryAsync();
    }

    private static async Task FillTheirsAsync(Line line, int count)
    {
        await CreateAsync(line);
        for (var done = 0; done < count; done += 1000)
        {
            await AppendAsync(line, Math.Min(1000, count - done));
        }
    }

    private static async Task CreateAsync(Line line)
    {
        try
        {
            await line.CommandAsync("CREATE Bench");
        }
        catch (IOException)
        {
            // It is there from an earlier run.
        }
    }

    /// <summary>Many messages in one APPEND (RFC 3502).</summary>
    private static async Task AppendAsync(Line line, int count)
    {
        var body = SmtpBench.Body(1, dot: false);
        using var command = new MemoryStream();
        command.Write("x APPEND Bench"u8);
        for (var i = 0; i < count; i++)
        {
            command.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{(i % 2 == 0 ? " (\\Seen)" : "")} {{{body.Length}+}}\r\n")));
            command.Write(body);
        }

        command.Write("\r\n"u8);
        await line.SendAsync(command.ToArray());
        await line.ExpectTaggedAsync();
    }

    /// <summary>The best of five after one that warms up: what is left when the rest of the machine is quiet.</summary>
    private static async Task<double[]> MeasureAsync(Line line, int count)
    {
        var best = new List<double>();
        foreach (var command in Commands(count))
        {
            await line.CommandAsync(command);
            var times = new List<double>();
            for (var i = 0; i < 5; i++)
            {
                var clock = Stopwatch.StartNew();
                await line.CommandAsync(command);
                times.Add(clock.Elapsed.TotalMilliseconds);
            }

            best.Add(times.Min());
        }

        return [.. best];
    }
}
