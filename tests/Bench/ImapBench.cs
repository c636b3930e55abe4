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

    /// <summary>Copies that get no row of the search index with the others: the node indexes them, and then builds the blocks of all.</summary>
    private const int LeftToIndex = 600;

    /// <summary>For how long a read is repeated: the clock of /proc counts CPU in hundredths of a second.</summary>
    private static readonly TimeSpan ReadFor = TimeSpan.FromMilliseconds(600);

    /// <param name="Name">The command.</param>
    /// <param name="Bound">What bounds ours.</param>
    /// <param name="Run">What is measured.</param>
    /// <param name="Undo">Runs before each; null: a read, which is repeated as it is.</param>
    /// <param name="Times">How often at least.</param>
    private sealed record Row(string Name, string Bound, Func<Line, Task> Run, Func<Line, Task>? Undo = null, int Times = 3);

    /// <param name="Ms">Best time, milliseconds.</param>
    /// <param name="Cpu">User and system time of the server and its database, milliseconds a command.</param>
    private readonly record struct Figure(double Ms, double Cpu);

    /// <summary>One server: where it is and what counts its CPU seconds.</summary>
    private sealed record Server(string Name, string Address, Func<double> Cpu);

    public static async Task RunAsync(Options options)
    {
        int[] processes = [options.Pid("mailhost"), options.Pid("postgres")];
        foreach (var count in options.Text("messages") is { } only ? [int.Parse(only, CultureInfo.InvariantCulture)] : (int[])[10_000, 100_000])
        {
            var user = count <= 10_000 ? "u1@example.test" : "u2@example.test";
            var ours = new Server("ours", options.Run("imap"), () => processes.Sum(Processes.Cpu));
            using (var line = await SignInAsync(ours.Address, user))
            {
                await FillOursAsync(options.Run("database"), line, user, count);
            }

            // Twice: what counts is a server that has run for a minute, with its code compiled.
            await MeasureAsync(ours, user, count);
            var results = new List<(string Name, Figure[] Figures)> { (ours.Name, await MeasureAsync(ours, user, count)) };
            Print(count, results);
            foreach (var format in options.Text("peers")?.Split(',').Where(f => f != "none") ?? ["maildir", "mdbox"])
            {
                using var peer = Peer.Start(format);
                if (peer is not null)
                {
                    using (var line = await SignInAsync(peer.Imap, user))
                    {
                        await FillTheirsAsync(line, count);
                    }

                    results.Add((format, await MeasureAsync(new Server(format, peer.Imap, peer.ImapCpu), user, count)));
                }

                Print(count, results);
            }
        }
    }

    /// <summary>A table in Markdown. A ratio below 1: ours takes less.</summary>
    private static void Print(int count, List<(string Name, Figure[] Figures)> results)
    {
        // Again with each peer: nothing is lost where a run is cut short.
        var peers = results.Skip(1).ToList();
        Console.WriteLine($"\nimap, {count} messages: best time and CPU a command in ms; ratios of both, ours / theirs\n");
        Console.WriteLine($"| row | ours | {string.Concat(peers.Select(p => $"{p.Name} | ratio, of CPU | "))}ours is bound by |");
        Console.WriteLine($"| --- | --- | {string.Concat(peers.Select(_ => "--- | --- | "))}--- |");
        var rows = AllRows(count).ToList();
        for (var i = 0; i < rows.Count; i++)
        {
            var ours = results[0].Figures[i];
            var beside = string.Concat(peers.Select(p => string.Create(CultureInfo.InvariantCulture,
                $"{p.Figures[i].Ms:0.0}; {p.Figures[i].Cpu:0.0} | {ours.Ms / Math.Max(0.01, p.Figures[i].Ms):0.00}, {(p.Figures[i].Cpu < 0.05 ? "-" : (ours.Cpu / p.Figures[i].Cpu).ToString("0.00", CultureInfo.InvariantCulture))} | ")));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {rows[i].Name} | {ours.Ms:0.0}; {ours.Cpu:0.0} | {beside}{rows[i].Bound} |"));
        }
    }

    /// <summary>Those that need more than one command on an open connection stand at both ends.</summary>
    private static IEnumerable<(string Name, string Bound)> AllRows(int count) =>
    [
        ("LOGIN", "a round trip to PostgreSQL"),
        ("FETCH 1:* (FLAGS UID), first time", "reading 100 bytes a message from PostgreSQL"),
        .. Rows(count).Select(r => (r.Name, r.Bound)),
        ("APPEND 4 KB, 1 connection, each", "the commit's fsync"),
        ("APPEND 4 KB, 10 connections, each", "the rows and index entries of a message; connections share a commit"),
    ];

    private static Row[] Rows(int count)
    {
        var all = string.Create(CultureInfo.InvariantCulture, $"{count - 999}:{count}");
        const string Found = "PostgreSQL finding rows";
        const string Filter = "reading 128 octets a run of three characters and 512 messages";
        const string Entries = "five index entries a message and their WAL";
        return
        [
            Read("EXAMINE Bench", "a round trip to PostgreSQL"),
            Read("FETCH 1:* (FLAGS UID)", "formatting"),
            Read($"FETCH {count - 49}:{count} (ENVELOPE)", Found),
            Read($"FETCH {count - 499}:{count} (ENVELOPE)", Found),
            Read($"FETCH {count - 49}:{count} (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)", Found),
            Read("FETCH 1:* (ENVELOPE)", Found),
            Read("SEARCH SUBJECT nothing-like-it", Filter),
            Read("SEARCH SUBJECT \"bench 17 \"", Filter),
            Read("SEARCH SINCE 1-Jan-2020 UNSEEN", "looking at the index in memory"),
            Read("SEARCH BODY nothing-like-it", Filter),
            Read("SEARCH TEXT nothing-like-it", Filter),
            Read("SEARCH TEXT needle17y", Filter + ", then the texts that are left"),
            new Row("BODY[] of 4 KB", "a round trip to PostgreSQL", l => l.CommandAsync($"FETCH {count / 2} (BODY.PEEK[])")),
            new Row("BODY[] of 1 MB", "the octets from PostgreSQL", l => l.CommandAsync("FETCH 1 (BODY.PEEK[])"), Before("EXAMINE Large")),
            new Row("STORE 1:* +FLAGS.SILENT (\\Flagged)", Entries, l => l.CommandAsync("STORE 1:* +FLAGS.SILENT (\\Flagged)"),
                async l =>
                {
                    await l.CommandAsync("SELECT Bench");
                    await l.CommandAsync("STORE 1:* -FLAGS.SILENT (\\Flagged)");
                }),
            new Row("COPY 1,000", Entries, l => l.CommandAsync($"COPY {all} Target"), Before("SELECT Bench")),
            new Row("EXPUNGE 1,000", "a tombstone with four index entries a message", l => l.CommandAsync("EXPUNGE"), async l =>
            {
                await l.CommandAsync("SELECT Bench");
                await l.CommandAsync($"COPY {all} Target");
                await l.CommandAsync("SELECT Target");
                await l.CommandAsync("STORE 1:* -FLAGS.SILENT (\\Deleted)");
                await l.CommandAsync("STORE 1:1000 +FLAGS.SILENT (\\Deleted)");
            }),
        ];

        static Row Read(string command, string bound) => new(command, bound, l => l.CommandAsync(command));

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
        await IndexedAsync(source, line, user);
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
              FROM n JOIN one ON one.k = n.i % $3, b, s ORDER BY n.i),
            f AS (
              INSERT INTO message_search (account_id, content_id, vector, text, subject_text, from_text, to_text, cc_text, bcc_text)
              SELECT k.account_id, s.base + n.i, k.vector, k.text, k.subject_text, k.from_text, k.to_text, k.cc_text, k.bcc_text
              FROM n JOIN one ON one.k = n.i % $3 JOIN message_search k ON k.account_id = one.account_id AND k.content_id = one.content_id, b, s
              WHERE n.i <= $2 - b.total - $4 ORDER BY n.i),
            p AS (UPDATE search_progress SET through = s.base + $2 - b.total - $4 FROM s, b WHERE search_progress.account_id = s.account_id)
            UPDATE mailbox x SET uid_next = b.uid_next + $2 - b.total, total = $2, unseen = $2 / 2, highest_mod_seq = s.base + $2
            FROM a, b, s WHERE x.account_id = a.id AND x.id = b.id
            """);
        fill.CommandTimeout = 1200;
        fill.Parameters.Add(new NpgsqlParameter<string> { TypedValue = user });
        fill.Parameters.Add(new NpgsqlParameter<int> { TypedValue = count });
        fill.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Templates });
        fill.Parameters.Add(new NpgsqlParameter<int> { TypedValue = LeftToIndex });
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
        while (true)
        {
            await using var left = source.CreateCommand("""
                SELECT (SELECT count(*) FROM message_content c
                    WHERE c.account_id = a.id AND c.id > coalesce((SELECT through FROM search_progress p WHERE p.account_id = a.id), 0))
                  + (SELECT count(*) / 512 FROM message_search x
                    WHERE x.account_id = a.id AND x.content_id > coalesce((SELECT max(last) FROM search_block k WHERE k.account_id = a.id), 0))
                FROM account a WHERE a.address = $1
                """);
            left.Parameters.Add(new NpgsqlParameter<string> { TypedValue = user });
            var open = (long)(await left.ExecuteScalarAsync())!;
            first = first < 0 ? open : first;
            if (open == 0)
            {
                break;
            }

            // A search makes the node look, and build what it can in its time.
            await line.CommandAsync("SEARCH BODY nothing-like-it");
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        }

        if (first > 0)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"imap: the search index had all after {clock.Elapsed.TotalSeconds:0} s"));
        }

        await line.CommandAsync("SEARCH BODY nothing-like-it");
    }

    /// <summary>A thousand by APPEND, the others as copies of them.</summary>
    private static async Task FillTheirsAsync(Line line, int count)
    {
        await CreateAsync(line);
        var first = Math.Min(1000, count);
        await AppendAsync(line, 0, first);
        await line.CommandAsync("SELECT Bench");
        for (var done = first; done < count; done += 1000)
        {
            await line.CommandAsync(string.Create(CultureInfo.InvariantCulture, $"COPY 1:{Math.Min(1000, count - done)} Bench"));
        }

        await line.CommandAsync("UNSELECT");
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

    /// <summary>The best time is what is left when the rest of the machine is quiet.</summary>
    private static async Task<Figure[]> MeasureAsync(Server server, string user, int count)
    {
        var results = new List<Figure>();
        var (clock, cpu) = (Stopwatch.StartNew(), server.Cpu());
        using var line = await SignInAsync(server.Address, user);
        results.Add(new Figure(clock.Elapsed.TotalMilliseconds, (server.Cpu() - cpu) * 1000));
        await line.CommandAsync("EXAMINE Bench");
        cpu = server.Cpu();
        clock.Restart();
        await line.CommandAsync("FETCH 1:* (FLAGS UID)");
        results.Add(new Figure(clock.Elapsed.TotalMilliseconds, (server.Cpu() - cpu) * 1000));
        foreach (var row in Rows(count))
        {
            if (row.Undo is null)
            {
                await row.Run(line);
            }

            var (best, spent, times, began) = (double.MaxValue, 0.0, 0, Stopwatch.StartNew());
            cpu = server.Cpu();
            for (; times < row.Times || (row.Undo is null && began.Elapsed < ReadFor); times++)
            {
                if (row.Undo is not null)
                {
                    await row.Undo(line);
                    cpu = server.Cpu();
                }

                clock.Restart();
                await row.Run(line);
                best = Math.Min(best, clock.Elapsed.TotalMilliseconds);
                spent += row.Undo is null ? 0 : server.Cpu() - cpu;
            }

            spent = row.Undo is null ? server.Cpu() - cpu : spent;
            results.Add(new Figure(best, spent * 1000 / times));
        }

        results.Add(await AppendRateAsync(server, user, 1));
        results.Add(await AppendRateAsync(server, user, 10));
        return [.. results];
    }

    /// <summary>A message, over three seconds.</summary>
    private static async Task<Figure> AppendRateAsync(Server server, string user, int connections)
    {
        var body = Template(1);
        var (clock, cpu) = (Stopwatch.StartNew(), server.Cpu());
        var counts = await Task.WhenAll(Enumerable.Range(0, connections).Select(async _ =>
        {
            using var line = await SignInAsync(server.Address, user);
            var sent = 0;
            for (; clock.Elapsed < TimeSpan.FromSeconds(3); sent++)
            {
                await line.SendAsync(string.Create(CultureInfo.InvariantCulture, $"x APPEND Target {{{body.Length}+}}\r\n"));
                await line.SendAsync(body);
                await line.SendAsync("\r\n");
                await line.ExpectTaggedAsync();
            }

            return sent;
        }));
        return new Figure(clock.Elapsed.TotalMilliseconds / counts.Sum(), (server.Cpu() - cpu) * 1000 / counts.Sum());
    }
}
