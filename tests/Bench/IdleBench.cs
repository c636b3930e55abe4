using System.Diagnostics;
using System.Globalization;

namespace SaaS.Bench;

/// <summary>What an idle connection costs, and how fast it wakes. Needs --allow-plaintext-auth for the plain half, and u1..uN with N of
/// <c>--accounts</c>: shared by the connections, since each account costs a password hash of a tenth of a second first.</summary>
internal static class IdleBench
{
    /// <summary>Opened before anything is counted: what the process takes once is told apart from what a connection takes.</summary>
    private const int WarmUp = 200;

    private const int Wakes = 200;

    public static async Task RunAsync(Options options)
    {
        var accounts = options.Number("accounts", 100);
        var wakes = $"u{accounts + 1}@example.test";
        var mailbox = options.Text("mailbox") ?? "INBOX";
        var pid = options.Pid("mailhost");
        foreach (var tls in new[] { false, true })
        {
            var count = options.Number("connections", tls ? 10_000 : 5000);
            var lines = new List<Line>();
            for (var n = 0; n < WarmUp; n++)
            {
                lines.Add(await IdleAsync(options.Run(tls ? "imaps" : "imap"), tls, options.Text("user") ?? $"u{(n % accounts) + 1}@example.test", mailbox));
            }

            await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System);
            var (memory, began) = (Processes.Anonymous(pid), Stopwatch.StartNew());
            for (var n = 0; n < count; n++)
            {
                lines.Add(await IdleAsync(options.Run(tls ? "imaps" : "imap"), tls, options.Text("user") ?? $"u{(n % accounts) + 1}@example.test", mailbox));
            }

            var opened = began.Elapsed;
            await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System);
            var (cpu, now) = (Processes.Cpu(pid), Processes.Anonymous(pid));
            await Task.Delay(TimeSpan.FromSeconds(10), TimeProvider.System);
            cpu = Processes.Cpu(pid) - cpu;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"idle {(tls ? "TLS" : "plain")}, {count} connections in IDLE on {mailbox}: {(now - memory) / (double)count:0.0} KiB each, the whole process {now / 1024} MiB; "
                + $"CPU {cpu * 100:0.0} ms a second for all; opened in {opened.TotalSeconds:0} s"));
            await WakeAsync(options, await IdleAsync(options.Run(tls ? "imaps" : "imap"), tls, wakes, "INBOX"), wakes, tls);
            lines.ForEach(l => l.Dispose());
        }
    }

    private static async Task<Line> IdleAsync(string address, bool tls, string user, string mailbox)
    {
        var line = await Line.ConnectAsync(address, tls, buffer: 512);
        await line.ReadAsync();
        await line.CommandAsync($"LOGIN {user} secret");
        await line.CommandAsync("SELECT " + mailbox);
        await line.SendAsync("x IDLE\r\n");
        await line.ReadAsync();
        return line;
    }

    private static async Task WakeAsync(Options options, Line idle, string user, bool tls)
    {
        using var open = idle;
        using var smtp = await Line.ConnectAsync(options.Run("smtp_mx"));
        await smtp.ExpectAsync("220");
        await smtp.SendAsync("EHLO bench.test\r\n");
        await smtp.ExpectAsync("250");
        var times = new List<double>();
        for (var i = 0; i < Wakes; i++)
        {
            await smtp.SendAsync($"MAIL FROM:<bench@bench.test>\r\nRCPT TO:<{user}>\r\nDATA\r\n");
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
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"idle {(tls ? "TLS" : "plain")}: from the end of DATA to EXISTS on another connection {times[Wakes / 2]:0.0} ms p50, {times[Wakes * 99 / 100]:0.0} ms p99, with {Wakes} deliveries"));
    }
}
