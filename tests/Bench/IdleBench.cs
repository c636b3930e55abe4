using System.Diagnostics;

namespace SaaS.Bench;

/// <summary>What an idle connection costs, and how fast it wakes. Needs --allow-plaintext-auth for the plain half, u1..uN with N of <c>--accounts</c> (one for
/// each connection unless said), and <c>Listen__ConnectionsPerAddress</c> above the number of connections.</summary>
internal static class IdleBench
{
    public static async Task RunAsync(Options options)
    {
        var count = options.Number("connections", 5000);
        var accounts = options.Number("accounts", count);
        foreach (var tls in new[] { false, true })
        {
            var pid = options.Pid("mailhost");
            var before = Processes.Resident(pid);
            var lines = new List<Line>();
            for (var n = 0; n < count; n++)
            {
                var line = await Line.ConnectAsync(options.Run(tls ? "imaps" : "imap"), tls, buffer: 512);
                lines.Add(line);
                await line.ReadAsync();
                await line.CommandAsync($"LOGIN u{(n % accounts) + 1}@example.test secret");
                await line.CommandAsync("SELECT INBOX");
                await line.SendAsync("x IDLE\r\n");
                await line.ReadAsync();
            }

            await Task.Delay(TimeSpan.FromSeconds(20));
            Console.WriteLine($"idle {(tls ? "TLS" : "plain")}: {(Processes.Resident(pid) - before) / (double)count:0.0} KiB resident per connection at {count}");
            if (!tls)
            {
                await WakeAsync(options, lines[0]);
            }

            lines.ForEach(l => l.Dispose());
        }
    }

    private static async Task WakeAsync(Options options, Line idle)
    {
        using var smtp = await Line.ConnectAsync(options.Run("smtp_mx"));
        await smtp.ExpectAsync("220");
        await smtp.SendAsync("EHLO bench.test\r\n");
        await smtp.ExpectAsync("250");
        var times = new List<double>();
        for (var i = 0; i < 50; i++)
        {
            await smtp.SendAsync("MAIL FROM:<bench@bench.test>\r\nRCPT TO:<u1@example.test>\r\nDATA\r\n");
            await smtp.ExpectAsync("250");
            await smtp.ExpectAsync("250");
            await smtp.ExpectAsync("354");
            var clock = Stopwatch.StartNew();
            await smtp.SendAsync("Subject: wake\r\n\r\n.\r\n");
            while (!(await idle.ReadAsync()).Contains("EXISTS", StringComparison.Ordinal))
            {
            }

            times.Add(clock.Elapsed.TotalMilliseconds);
            await smtp.ExpectAsync("250");
        }

        times.Sort();
        Console.WriteLine($"idle: {times[25]:0.0} ms from the end of DATA to EXISTS on another connection (median of 50; worst {times[^1]:0.0} ms)");
    }
}
