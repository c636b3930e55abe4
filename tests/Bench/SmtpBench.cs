using System.Diagnostics;
using System.Text;

namespace SaaS.Bench;

/// <summary>Durable deliveries beside Postfix and Dovecot: messages answered with 250 a second, messages in the mailbox a second, CPU of each.</summary>
internal static class SmtpBench
{
    private const int Connections = 20;

    public static async Task RunAsync(Options options)
    {
        var seconds = options.Number("seconds", 10);
        using var peer = Peer.Start();
        int[] processes = [options.Pid("mailhost"), options.Pid("postgres")];
        foreach (var size in new[] { 4, 50 })
        {
            await MeasureAsync(options.Run("smtp_mx"), size, 3);
            var before = processes.Sum(Processes.Cpu);
            var (ours, time) = await MeasureAsync(options.Run("smtp_mx"), size, seconds);
            var cpu = (processes.Sum(Processes.Cpu) - before) * 1000 / Math.Max(1, ours);
            var rate = ours / time;
            Console.WriteLine($"smtp {size} KB: {rate:0} messages/s in the mailbox when answered, {cpu:0.00} ms CPU each (MailHost and PostgreSQL)");
            if (peer is null)
            {
                continue;
            }

            await MeasureAsync(peer.Smtp, size, 2);
            await DrainAsync(peer, 0);
            var (stored, cpuBefore) = (peer.Stored(), peer.Cpu());
            var clock = Stopwatch.StartNew();
            var (accepted, theirTime) = await MeasureAsync(peer.Smtp, size, seconds);
            await DrainAsync(peer, stored + accepted);
            var reached = accepted / clock.Elapsed.TotalSeconds;
            var theirCpu = (peer.Cpu() - cpuBefore) * 1000 / Math.Max(1, accepted);
            Console.WriteLine(
                $"smtp {size} KB: Postfix answers {accepted / theirTime:0}/s, reaches Dovecot's mailbox at {reached:0}/s, {theirCpu:0.00} ms CPU each; "
                + $"ratio to answers {rate / (accepted / theirTime):0.0}, to mailbox {rate / reached:0.0}, CPU {cpu / theirCpu:0.00}");
        }

        Console.WriteLine("Bound by: the commit's fsync at few connections, then by CPU shared with this client.");
    }

    /// <summary>Until the peer has stored so many, or has stored nothing more for two seconds.</summary>
    private static async Task DrainAsync(Peer peer, long until)
    {
        var last = peer.Stored();
        var quiet = Stopwatch.StartNew();
        while (quiet.Elapsed < TimeSpan.FromSeconds(2) && (until == 0 || last < until))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            if (peer.Stored() is var now && now != last)
            {
                last = now;
                quiet.Restart();
            }
        }
    }

    private static async Task<(int Messages, double Seconds)> MeasureAsync(string address, int kilobytes, int seconds)
    {
        var body = Body(kilobytes);
        var clock = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(0, Connections).Select(async n =>
        {
            var count = 0;
            while (clock.Elapsed.TotalSeconds < seconds)
            {
                // A connection for fifty messages, as busy senders do.
                using var line = await Line.ConnectAsync(address);
                await line.ExpectAsync("220");
                await line.SendAsync("EHLO bench.test\r\n");
                await line.ExpectAsync("250");
                for (var i = 0; i < 50 && clock.Elapsed.TotalSeconds < seconds; i++)
                {
                    // Pipelined, as mail servers do; u1 to u20.
                    await line.SendAsync($"MAIL FROM:<bench@bench.test>\r\nRCPT TO:<u{n + 1}@example.test>\r\nDATA\r\n");
                    await line.ExpectAsync("250");
                    await line.ExpectAsync("250");
                    await line.ExpectAsync("354");
                    await line.SendAsync(body);
                    await line.ExpectAsync("250");
                    count++;
                }
            }

            return count;
        }));
        return (counts.Sum(), clock.Elapsed.TotalSeconds);
    }

    public static byte[] Body(int kilobytes, bool dot = true)
    {
        // Words, not one letter: packing should cost what it costs.
        var random = new Random(1);
        var text = new StringBuilder("From: bench@bench.test\r\nTo: u@example.test\r\nSubject: bench\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n");
        while (text.Length < kilobytes * 1024)
        {
            for (var word = 0; word < 10; word++)
            {
                text.Append((char)('a' + random.Next(26))).Append(random.Next(10_000)).Append(' ');
            }

            text.Append("\r\n");
        }

        return Encoding.ASCII.GetBytes(dot ? text.Append(".\r\n").ToString() : text.ToString());
    }
}
