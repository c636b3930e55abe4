using System.Diagnostics;
using System.Text;

namespace SaaS.Bench;

/// <summary>Durable deliveries: messages answered with 250 a second, and CPU of all processes behind them.</summary>
internal static class SmtpBench
{
    private const int Connections = 20;

    public static async Task RunAsync(Options options)
    {
        var seconds = options.Number("seconds", 10);
        foreach (var size in new[] { 4, 50 })
        {
            int[] processes = [options.Pid("mailhost"), options.Pid("postgres")];
            await MeasureAsync(options.Run("smtp_mx"), n => $"u{n + 1}@example.test", size, 2);
            var before = processes.Sum(Processes.Cpu);
            var (ours, time) = await MeasureAsync(options.Run("smtp_mx"), n => $"u{n + 1}@example.test", size, seconds);
            var cpu = (processes.Sum(Processes.Cpu) - before) * 1000 / Math.Max(1, ours);
            Console.WriteLine($"smtp {size} KB: {ours / time:0} messages/s in the mailbox when answered, {cpu:0.00} ms CPU each (MailHost and PostgreSQL)");
            if (options.Text("peer") is { } peer)
            {
                var to = options.Text("peer-to") ?? "u1@example.test";
                var (theirs, theirTime) = await MeasureAsync(peer, _ => to, size, seconds);
                Console.WriteLine($"smtp {size} KB: peer answers {theirs / theirTime:0} messages/s; ratio of answers {ours / time / Math.Max(0.1, theirs / theirTime):0.0}");
            }
        }

        Console.WriteLine("Bound by: the commit's fsync at few connections, then by CPU shared with this client.");
    }

    private static async Task<(int Messages, double Seconds)> MeasureAsync(string address, Func<int, string> recipient, int kilobytes, int seconds)
    {
        var body = Body(kilobytes);
        var clock = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(0, Connections).Select(async n =>
        {
            using var line = await Line.ConnectAsync(address);
            await line.ExpectAsync("220");
            await line.SendAsync("EHLO bench.test\r\n");
            await line.ExpectAsync("250");
            var count = 0;
            while (clock.Elapsed.TotalSeconds < seconds)
            {
                // Pipelined, as mail servers do.
                await line.SendAsync($"MAIL FROM:<bench@bench.test>\r\nRCPT TO:<{recipient(n)}>\r\nDATA\r\n");
                await line.ExpectAsync("250");
                await line.ExpectAsync("250");
                await line.ExpectAsync("354");
                await line.SendAsync(body);
                await line.ExpectAsync("250");
                count++;
            }

            return count;
        }));
        return (counts.Sum(), clock.Elapsed.TotalSeconds);
    }

    private static byte[] Body(int kilobytes)
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

        return Encoding.ASCII.GetBytes(text.Append(".\r\n").ToString());
    }
}
