using System.Diagnostics;
using System.Globalization;
using System.Text;
using Npgsql;

namespace SaaS.Bench;

/// <summary>
/// Work on a mailbox of 10,000 and of 100,000 messages, beside Dovecot on its fastest format (mdbox) and on Maildir. Fills all first; needs
/// u1 and u2 and --allow-plaintext-auth: neither side pays for TLS.
/// </summary>
internal static class ImapBench
{
    /// <summary>Different messages in the mailbox; each word of one is in a hundredth of all.</summary>
    private const int Templates = 100;

    private sealed record Row(string Name, Func<Line, Task> Run, Func<Line, Task>? Undo = null, int Times = 5, bool WarmUp = true);

    public static async Task RunAsync(Options options)
    {
        foreach (var count in options.Text("messages") is { } only ? [int.Parse(only, CultureInfo.InvariantCulture)] : (int[])[10_000, 100_000])
        {
            var user = count <= 10_000 ? "u1@example.test" : "u2@example.test";
            using var ours = await SignInAsync(options.Run("imap"), user);
            await FillOursAsync(options.Run("database"), ours, user, count);
            var results = new List<(string Name, double[] Ms)> { ("ours", await MeasureAsync(options.Run("imap"), user, count)) };
            foreach (var format in options.Text("peers")?.Split(',').Where(f => f != "none") ?? ["mdbox", "maildir"])
            {
                using var peer = Peer.Start(format);
                if (peer is not null)
                {
                    using var line = await SignInAsync(peer.Imap, user);
                    await FillTheirsAsync(line, count);
                    results.Add((format, await MeasureAsync(peer.Imap, user, count)));
                }
            }

            var names = Rows(count).Select(r => r.Name).Prepend("FETCH 1:* (FLAGS UID), first time").Prepend("LOGIN")
                .Append("APPEND 4 KB, 1 connection, each").Append("APPEND 4 KB, 10 connections, each").ToList();
            for (var i = 0; i < names.Count; i++)
            {
                var beside = string.Concat(results.Skip(1).Select(r =>
                    string.Create(CultureInfo.InvariantCulture, $"; {r.Name} {r.Ms[i]:0.0}, ratio {results[0].Ms[i] / Math.Max(0.01, r.Ms[i]):0.00}")));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"imap {count} messages, {names[i]}: {results[0].Ms[i]:0.0} ms{beside}"));
            }
        }

        Console.WriteLine("""
            Bound by: SELECT, LOGIN by a round trip to PostgreSQL; FLAGS by formatting, the first time by reading 100 bytes a message from
            PostgreSQL; ENVELOPE by PostgreSQL finding rows; SEARCH by reading 128 octets a block of 512 messages and run of three characters;
            BODY[] by unpacking; STORE by five index entries a message and their WAL; COPY, EXPUNGE, APPEND by the same and one fsync.
            """);
    }

    private static Row[] Rows(int count)
    {
        var all = string.Create(CultureInfo.InvariantCulture, $"{count - 999}:{count}");
        return
        [
            Read("EXAMINE Bench"),
            Read("FETCH 1:* (FLAGS UID)"),
            Read($"FETCH {count - 49}:{count} (ENVELOPE)"),
            Read($"FETCH {count - 499}:{count} (ENVELOPE)"),
            Read($"FETCH {count - 49}:{count} (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)"),
            Read("FETCH 1:* (ENVELOPE)"),
            Read("SEARCH SUBJECT nothing-like-it"),
            Read("SEARCH SUBJECT \"bench 17 \""),
            Read("SEARCH SINCE 1-Jan-2020 UNSEEN"),
            Read("SEARCH BODY nothing-like-it"),
            Read("SEARCH TEXT nothing-like-it"),
            Read("SEARCH TEXT needle17y"),
            new Row("BODY[] of 4 KB", l => l.CommandAsync($"FETCH {count / 2} (BODY.PEEK[])")),
            new Row("BODY[] of 1 MB", l => l.CommandAsync("FETCH 1 (BODY.PEEK[])"), Before("EXAMINE Large")),
            new Row("STORE 1:* +FLAGS.SILENT (\\Flagged)", l => l.CommandAsync("STORE 1:* +FLAGS.SILENT (\\Flagged)"),
                async l =>
                {
                    await l.CommandAsync("SELECT Bench");
                    await l.CommandAsync("STORE 1:* -FLAGS.SILENT (\\Flagged)");
                }, Times: 3),
            new Row("COPY 1,000", l => l.CommandAsync($"COPY {all} Target"), Before("SELECT Bench"), Times: 3),
            new Row("EXPUNGE 1,000", l => l.CommandAsync("EXPUNGE"), async l =>
            {
                await l.CommandAsync("SELECT Bench");
                await l.CommandAsync($"COPY {all} Target");
                await l.CommandAsync("SELECT Target");
                await l.CommandAsync("STORE 1:* -FLAGS.SILENT (\\Deleted)");
                await l.CommandAsync("STORE 1:1000 +FLAGS.SILENT (\\Deleted)");
            }, Times: 3),
        ];

        static Row Read(string command) => new(command, l => l.CommandAsync(command));

        static Func<Line, Task> Before(string command) => l => l.CommandAsync(command);
    }

    private static async Task<Line> SignInAsync(string address, string user)
    {
        var line = await Line.ConnectAsync(address);
        await line.ReadAsync();
        await line.CommandAsync($"LOGIN {user} secret");
        return line;
    }

    private static async Task FillOursAsync(string database, Line line, string user, int count)
    {
        await CreateAsync(line);
        await using var source = NpgsqlDataSource.Create(database);
        await using (var have = source.CreateCommand(
            "SELECT m.total FROM mailbox m JOIN account a ON a.id = m.account_id WHERE a.address = $1 AND m.name = 'Bench'"))
        {
            have.Parameters.Add(new NpgsqlParameter<string> { TypedValue = user });
            if (Convert.ToInt32(await have.ExecuteScalarAsync(), CultureInfo.InvariantCulture) >= count)
            {
                await IndexedAsync(source, line, user);
                return;
            }
        }

        await AppendAsync(line, 0, Templates);
        await using var fill = source.CreateCommand("""
            WITH a AS (SELECT id FROM account WHERE address = $1),
            b AS (SELECT m.id, m.uid_next, m.total FROM mailbox m, a WHERE m.account_id = a.id AND m.name = 'Bench'),
            s AS (UPDATE account_state SET mod_seq = mod_seq + $2, quota_bytes = greatest(quota_bytes, 1000000000000) FROM a WHERE account_id = a.id
              RETURNING account_id, mod_seq - $2 AS base),
            one AS (SELECT x.*, row_number() OVER (ORDER BY uid) - 1 AS k FROM message x, a, b WHERE x.account_id = a.id AND x.mailbox_id = b.id),
            n AS (SELECT i FROM b, generate_series(1, $2 - b.total) AS i),
            c AS (
              INSERT INTO message_content SELECT k.account_id, s.base + n.i, k.header, k.body, k.blob_hash, k.blob_body_offset, k.size, k.header_size,
                k.envelope, k.structure, k.preview, k.has_attachment, k.sent_at
              FROM n JOIN one ON one.k = n.i % $3 JOIN message_content k ON k.account_id = one.account_id AND k.id = one.content_id, s ORDER BY n.i),
            m AS (
              INSERT INTO message (account_id, id, mailbox_id, uid, mod_seq, content_id, thread_id, flags, keywords, internal_date, saved_at, size)
              SELECT one.account_id, s.base + n.i, b.id, b.uid_next + n.i - 1, s.base + n.i, s.base + n.i, s.base + n.i, n.i % 2, null, now(), now(), one.size
              FROM n JOIN one ON one.k = n.i % $3, b, s ORDER BY n.i)
            UPDATE mailbox x SET uid_next = b.uid_next + $2 - b.total, total = $2, unseen = $2 / 2, highest_mod_seq = s.base + $2
            FROM a, b, s WHERE x.account_id = a.id AND x.id = b.id
            """);
        fill.CommandTimeout = 1200;
        fill.Parameters.Add(new NpgsqlParameter<string> { TypedValue = user });
        fill.Parameters.Add(new NpgsqlParameter<int> { TypedValue = count });
        fill.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Templates });
        await fill.ExecuteNonQueryAsync();
        await IndexedAsync(source, line, user);
        await using var analyze = source.CreateCommand("VACUUM ANALYZE message, message_content, message_search");
        analyze.CommandTimeout = 1200;
        await analyze.ExecuteNonQueryAsync();
    }

    /// <summary>Waits until the node has indexed all that there is, as it would have by the time that anybody has so much mail.</summary>
    private static async Task IndexedAsync(NpgsqlDataSource source, Line line, string user)
    {
        var clock = Stopwatch.StartNew();
        await line.CommandAsync("SELECT Bench");
        long first = -1;
        for (var sign = '+'; ; sign = sign == '+' ? '-' : '+')
        {
            await using var left = source.CreateCommand("""
                SELECT count(*) FROM message_content c JOIN account a ON a.id = c.account_id
                WHERE a.address = $1 AND c.id > coalesce((SELECT through FROM search_progress p WHERE p.account_id = a.id), 0)
                """);
            left.Parameters.Add(new NpgsqlParameter<string> { TypedValue = user });
            var open = (long)(await left.ExecuteScalarAsync())!;
            first = first < 0 ? open : first;
            if (open == 0)
            {
                break;
            }

            // A change makes the node look.
            await line.CommandAsync($"STORE 1 {sign}FLAGS.SILENT (\\Answered)");
            await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System);
        }

        if (first > 0)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"imap: indexed {first} messages in {clock.Elapsed.TotalSeconds:0} s"));
        }

        await line.CommandAsync("SEARCH BODY nothing-like-it");
    }

    private static async Task FillTheirsAsync(Line line, int count)
    {
        await CreateAsync(line);
        for (var done = 0; done < count; done += 1000)
        {
            await AppendAsync(line, done, Math.Min(1000, count - done));
        }
    }

    private static async Task CreateAsync(Line line)
    {
        foreach (var mailbox in new[] { "Bench", "Target", "Large" })
        {
            try
            {
                await line.CommandAsync($"CREATE {mailbox}");
            }
            catch (IOException)
            {
                // It is there from an earlier run.
                continue;
            }

            if (mailbox == "Large")
            {
                var body = SmtpBench.Body(1024, dot: false);
                await line.SendAsync(string.Create(CultureInfo.InvariantCulture, $"x APPEND Large {{{body.Length}+}}\r\n"));
                await line.SendAsync(body);
                await line.SendAsync("\r\n");
                await line.ExpectTaggedAsync();
            }
        }
    }

    /// <summary>Many messages in one APPEND (RFC 3502).</summary>
    private static async Task AppendAsync(Line line, int from, int count)
    {
        using var command = new MemoryStream();
        command.Write("x APPEND Bench"u8);
        for (var i = from; i < from + count; i++)
        {
            var body = Template(i % Templates);
            command.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{(i % 2 == 0 ? " (\\Seen)" : "")} {{{body.Length}+}}\r\n")));
            command.Write(body);
        }

        command.Write("\r\n"u8);
        await line.SendAsync(command.ToArray());
        await line.ExpectTaggedAsync();
    }

    private static byte[] Template(int k)
    {
        var head = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"""
            Return-Path: <s{k}@bench.test>
            Received: from relay{k}.bench.test (relay{k}.bench.test [192.0.2.{k}])
             by mx.example.test with ESMTPS id 4Zk{k * 7919} for <u@example.test>; Thu, 1 Jan 2026 10:00:{k % 60:00} +0100
            Date: Thu, 1 Jan 2026 10:00:{k % 60:00} +0100
            From: "Sender number {k}" <s{k}@bench.test>
            To: "The one who reads" <u@example.test>, another{k}@example.test
            Subject: bench {k} of a hundred
            Message-ID: <{k}.{k * 104729}@bench.test>
            MIME-Version: 1.0
            Content-Type: text/plain; charset=utf-8

            needle{k}y

            """).ReplaceLineEndings("\r\n"));
        return [.. head, .. SmtpBench.Words(k, 4 * 1024)];
    }

    /// <summary>Of reads the best of five after one that warms up: what is left when the rest of the machine is quiet.</summary>
    private static async Task<double[]> MeasureAsync(string address, string user, int count)
    {
        var results = new List<double>();
        var clock = Stopwatch.StartNew();
        using var line = await SignInAsync(address, user);
        results.Add(clock.Elapsed.TotalMilliseconds);
        await line.CommandAsync("EXAMINE Bench");
        clock.Restart();
        await line.CommandAsync("FETCH 1:* (FLAGS UID)");
        results.Add(clock.Elapsed.TotalMilliseconds);
        foreach (var row in Rows(count))
        {
            var times = new List<double>();
            for (var i = row.Undo is null ? -1 : 0; i < row.Times; i++)
            {
                if (row.Undo is not null)
                {
                    await row.Undo(line);
                }

                clock.Restart();
                await row.Run(line);
                if (i >= 0)
                {
                    times.Add(clock.Elapsed.TotalMilliseconds);
                }
            }

            results.Add(times.Min());
        }

        results.Add(await AppendRateAsync(address, user, 1));
        results.Add(await AppendRateAsync(address, user, 10));
        return [.. results];
    }

    /// <summary>Milliseconds a message, over five seconds.</summary>
    private static async Task<double> AppendRateAsync(string address, string user, int connections)
    {
        var body = Template(1);
        var clock = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(0, connections).Select(async _ =>
        {
            using var line = await SignInAsync(address, user);
            var sent = 0;
            for (; clock.Elapsed < TimeSpan.FromSeconds(5); sent++)
            {
                await line.SendAsync(string.Create(CultureInfo.InvariantCulture, $"x APPEND Target {{{body.Length}+}}\r\n"));
                await line.SendAsync(body);
                await line.SendAsync("\r\n");
                await line.ExpectTaggedAsync();
            }

            return sent;
        }));
        return clock.Elapsed.TotalMilliseconds / counts.Sum();
    }
}
