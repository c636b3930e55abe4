using System.Diagnostics;
using System.Globalization;
using System.Text;
using Npgsql;

namespace SaaS.Bench;

/// <summary>Durable deliveries beside Postfix and Dovecot: messages answered with 250 a second, messages in the mailbox a second, CPU of each.
/// Then ours alone: over many mailboxes, into one, and into one that is large.</summary>
internal static class SmtpBench
{
    private const int Connections = 20;
    private const int LargeMailbox = 100_000;

    public static async Task RunAsync(Options options)
    {
        var seconds = options.Number("seconds", 10);
        int[] processes = [options.Pid("mailhost"), options.Pid("postgres")];
        Console.WriteLine($"Load average before: {File.ReadAllText("/proc/loadavg").Trim()}; it should be near 0.");
        foreach (var size in options.Text("sizes")?.Split(',').Select(s => int.Parse(s, CultureInfo.InvariantCulture)) ?? [4, 50])
        {
            // u1 to u20: each connection has a mailbox of its own, as on the peer.
            Func<int, string> own = n => $"u{n + 1}@example.test";
            await MeasureAsync(options.Run("smtp_mx"), size, 3, own);
            await SettleAsync(options, processes);
            var ours = await MeasureOursAsync(options, processes, size, seconds, own);
            Print($"smtp {size} KB", ours);
            if (options.Text("peer") != "no")
            {
                using var peer = Peer.Start();
                if (peer is not null)
                {
                    await BesideAsync(peer, size, seconds, ours, own);
                }
            }
        }

        var mailboxes = options.Number("mailboxes", 1000);
        if (mailboxes == 0)
        {
            return;
        }

        Print($"smtp 4 KB over {mailboxes} mailboxes",
            await MeasureOursAsync(options, processes, 4, seconds, _ => $"u{Random.Shared.Next(mailboxes) + 1}@example.test"));
        Print("smtp 4 KB, all into one mailbox", await MeasureOursAsync(options, processes, 4, seconds, _ => "u21@example.test"));
        await FillAsync(options, "u22@example.test");
        await SettleAsync(options, processes);
        Print(string.Create(CultureInfo.InvariantCulture, $"smtp 4 KB, all into one mailbox of {LargeMailbox:N0} messages"),
            await MeasureOursAsync(options, processes, 4, seconds, _ => "u22@example.test"));
        Console.WriteLine("Bound by: CPU, shared with this client; the commit's fsync at few connections, and into one mailbox. See tests/Bench/README.md.");
    }

    /// <param name="Rate">Messages a second: answered with 250 is in the mailbox.</param>
    /// <param name="Cpu">Milliseconds a message of MailHost and PostgreSQL while it ran.</param>
    /// <param name="Postgres">PostgreSQL's part of it.</param>
    /// <param name="CpuAfter">The same until they were quiet again: with the search index, WAL writer and checkpointer caught up.</param>
    private sealed record Ours(double Rate, double Cpu, double CpuAfter, double Postgres);

    private static void Print(string what, Ours ours) => Console.WriteLine(
        $"{what}: {ours.Rate:0} messages/s in the mailbox when answered; CPU {ours.Cpu:0.00} ms each (MailHost {ours.Cpu - ours.Postgres:0.00}, PostgreSQL {ours.Postgres:0.00}), {ours.CpuAfter:0.00} ms once the search index has caught up");

    private static async Task<Ours> MeasureOursAsync(Options options, int[] processes, int size, int seconds, Func<int, string> recipient)
    {
        var before = processes.Sum(Processes.Cpu);
        var postgres = Processes.Cpu(options.Pid("postgres"));
        var (messages, time) = await MeasureAsync(options.Run("smtp_mx"), size, seconds, recipient);
        var during = processes.Sum(Processes.Cpu) - before;
        postgres = Processes.Cpu(options.Pid("postgres")) - postgres;
        await SettleAsync(options, processes);
        var after = processes.Sum(Processes.Cpu) - before;
        return new Ours(messages / time, during * 1000 / Math.Max(1, messages), after * 1000 / Math.Max(1, messages), postgres * 1000 / Math.Max(1, messages));
    }

    private static async Task BesideAsync(Peer peer, int size, int seconds, Ours ours, Func<int, string> recipient)
    {
        await MeasureAsync(peer.Smtp, size, 3, recipient);
        await DrainAsync(peer, long.MaxValue);
        var (stored, cpuBefore) = (peer.Stored(), peer.Cpu());
        var clock = Stopwatch.StartNew();
        var (accepted, time) = await MeasureAsync(peer.Smtp, size, seconds, recipient);
        var last = await DrainAsync(peer, stored + accepted);
        var reached = accepted / (clock.Elapsed - last).TotalSeconds;
        var answers = accepted / time;
        var cpu = (peer.Cpu() - cpuBefore) * 1000 / Math.Max(1, accepted);
        Console.WriteLine(
            $"smtp {size} KB: Postfix answers {answers:0}/s, reaches Dovecot's mailbox at {reached:0}/s, {cpu:0.00} ms CPU each; "
            + $"ratio to answers {ours.Rate / answers:0.0}, to mailbox {ours.Rate / reached:0.0}, CPU {ours.Cpu / cpu:0.00} (with the search index {ours.CpuAfter / cpu:0.00})");
    }

    /// <summary>Until the peer has stored so many, or has stored nothing more for two seconds. Returns how long nothing had happened.</summary>
    private static async Task<TimeSpan> DrainAsync(Peer peer, long until)
    {
        var last = peer.Stored();
        var quiet = Stopwatch.StartNew();
        while (quiet.Elapsed < TimeSpan.FromSeconds(2) && last < until)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            if (peer.Stored() is var now && now != last)
            {
                last = now;
                quiet.Restart();
            }
        }

        return quiet.Elapsed;
    }

    /// <summary>Until the search index has all that was delivered and the processes use less than a tenth of a core for two seconds; at most
    /// three minutes.</summary>
    private static async Task SettleAsync(Options options, int[] processes)
    {
        await using var source = NpgsqlDataSource.Create(options.Run("database"));
        await using var behind = source.CreateCommand("""
            SELECT EXISTS (SELECT FROM account_state s LEFT JOIN search_progress p ON p.account_id = s.account_id
              WHERE EXISTS (SELECT FROM message_content c WHERE c.account_id = s.account_id AND c.id > coalesce(p.through, 0)))
            """);
        var clock = Stopwatch.StartNew();
        var (quiet, last) = (0, processes.Sum(Processes.Cpu));
        while (quiet < 4 && clock.Elapsed < TimeSpan.FromMinutes(3) && options.Text("settle") != "no")
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
            var now = processes.Sum(Processes.Cpu);
            quiet = now - last < 0.05 && await behind.ExecuteScalarAsync() is false ? quiet + 1 : 0;
            last = now;
        }
    }

    private static async Task<(int Messages, double Seconds)> MeasureAsync(string address, int kilobytes, int seconds, Func<int, string> recipient)
    {
        var body = Body(kilobytes);
        var run = Guid.NewGuid().ToString("n");
        var clock = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(0, Connections).Select(async n =>
        {
            var count = 0;
            var message = new byte[256 + body.Length];
            while (clock.Elapsed.TotalSeconds < seconds)
            {
                // A connection for fifty messages, as busy senders do.
                using var line = await Line.ConnectAsync(address);
                await line.ExpectAsync("220");
                await line.SendAsync("EHLO bench.test\r\n");
                await line.ExpectAsync("250");
                for (var i = 0; i < 50 && clock.Elapsed.TotalSeconds < seconds; i++)
                {
                    // Pipelined, as mail servers do.
                    await line.SendAsync($"MAIL FROM:<bench@bench.test>\r\nRCPT TO:<{recipient(n)}>\r\nDATA\r\n");
                    await line.ExpectAsync("250");
                    await line.ExpectAsync("250");
                    await line.ExpectAsync("354");
                    var head = Encoding.ASCII.GetBytes($"Date: {DateTime.UtcNow:R}\r\nMessage-ID: <{run}.{n}.{count}@bench.test>\r\n", message);
                    body.CopyTo(message, head);
                    await line.SendAsync(message.AsMemory(0, head + body.Length));
                    await line.ExpectAsync("250");
                    count++;
                }
            }

            return count;
        }));
        return (counts.Sum(), clock.Elapsed.TotalSeconds);
    }

    /// <summary>One delivered message, copied in the database until the inbox has <see cref="LargeMailbox"/>, with their rows in the search index.</summary>
    private static async Task FillAsync(Options options, string user)
    {
        using (var line = await Line.ConnectAsync(options.Run("smtp_mx")))
        {
            await line.ExpectAsync("220");
            await line.SendAsync($"HELO bench.test\r\nMAIL FROM:<bench@bench.test>\r\nRCPT TO:<{user}>\r\nDATA\r\n");
            foreach (var code in new[] { "250", "250", "250", "354" })
            {
                await line.ExpectAsync(code);
            }

            await line.SendAsync(Body(1));
            await line.ExpectAsync("250");
        }

        await SettleAsync(options, [options.Pid("mailhost"), options.Pid("postgres")]);
        await using var source = NpgsqlDataSource.Create(options.Run("database"));
        await using var fill = source.CreateCommand("""
            WITH a AS (SELECT id FROM account WHERE address = $1),
            b AS (SELECT m.id, m.uid_next, m.total FROM mailbox m, a WHERE m.account_id = a.id AND m.special_use = 1),
            n AS (SELECT i FROM b, generate_series(1, $2 - b.total) AS i),
            s AS (UPDATE account_state SET mod_seq = mod_seq + $2 FROM a WHERE account_id = a.id RETURNING account_id, mod_seq - $2 AS base),
            one AS (SELECT x.* FROM message x, a, b WHERE x.account_id = a.id AND x.mailbox_id = b.id ORDER BY uid DESC LIMIT 1),
            c AS (
              INSERT INTO message_content SELECT k.account_id, s.base + n.i, k.header, k.body, k.blob_hash, k.blob_body_offset, k.size, k.header_size,
                k.envelope, k.structure, k.preview, k.has_attachment, k.sent_at
              FROM message_content k, one, s, n WHERE k.account_id = one.account_id AND k.id = one.content_id),
            m AS (
              INSERT INTO message (account_id, id, mailbox_id, uid, mod_seq, content_id, thread_id, flags, keywords, internal_date, saved_at, size)
              SELECT one.account_id, s.base + n.i, b.id, b.uid_next + n.i - 1, s.base + n.i, s.base + n.i, s.base + n.i, n.i % 2, null, now(), now(), one.size
              FROM one, b, s, n),
            f AS (
              INSERT INTO message_search (account_id, content_id, vector, text, subject_text, from_text, to_text, cc_text, bcc_text)
              SELECT k.account_id, s.base + n.i, k.vector, k.text, k.subject_text, k.from_text, k.to_text, k.cc_text, k.bcc_text
              FROM message_search k, one, s, n WHERE k.account_id = one.account_id AND k.content_id = one.content_id),
            p AS (UPDATE search_progress SET through = s.base + $2 FROM s WHERE search_progress.account_id = s.account_id)
            UPDATE mailbox x SET uid_next = b.uid_next + $2 - b.total, total = $2, unseen = $2 / 2, highest_mod_seq = s.base + $2
            FROM a, b, s WHERE x.account_id = a.id AND x.id = b.id AND b.total < $2
            """);
        fill.CommandTimeout = 600;
        fill.Parameters.Add(new NpgsqlParameter<string> { TypedValue = user });
        fill.Parameters.Add(new NpgsqlParameter<int> { TypedValue = LargeMailbox });
        await fill.ExecuteNonQueryAsync();
        await using var analyze = source.CreateCommand("VACUUM ANALYZE message, message_content, message_search");
        analyze.CommandTimeout = 600;
        await analyze.ExecuteNonQueryAsync();
    }

    public static byte[] Body(int kilobytes, bool dot = true)
    {
        var text = new StringBuilder("From: bench@bench.test\r\nTo: u@example.test\r\nSubject: bench\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n");
        text.Append(Encoding.ASCII.GetString(Words(1, (kilobytes * 1024) - text.Length)));
        return Encoding.ASCII.GetBytes(dot ? text.Append(".\r\n").ToString() : text.ToString());
    }

    /// <summary>Words, not one letter: packing should cost what it costs.</summary>
    public static byte[] Words(int seed, int octets)
    {
        var random = new Random(seed);
        var text = new StringBuilder();
        while (text.Length < octets)
        {
            for (var word = 0; word < 10; word++)
            {
                text.Append((char)('a' + random.Next(26))).Append(random.Next(10_000)).Append(' ');
            }

            text.Append("\r\n");
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }
}
