using System.Diagnostics;

namespace SaaS.Bench;

/// <summary>The look at a large mailbox. Fill it first (the smtp part does, or any import).</summary>
internal static class ImapBench
{
    private static readonly string[] Commands = ["EXAMINE INBOX", "FETCH 1:* (FLAGS UID)", "FETCH 1:50 (ENVELOPE)", "UID SEARCH ALL"];

    public static async Task RunAsync(Options options)
    {
        var ours = await MeasureAsync(options.Run("imaps"), true, options.Text("user") ?? "u1@example.test", "secret");
        var theirs = options.Text("peer") is { } peer
            ? await MeasureAsync(peer, false, options.Text("peer-user") ?? "u1", options.Text("peer-password") ?? "secret")
            : null;
        for (var i = 0; i < Commands.Length; i++)
        {
            var beside = theirs is null ? "" : $", peer {theirs[i]:0.0} ms, ratio {ours[i] / Math.Max(0.01, theirs[i]):0.00}";
            Console.WriteLine($"imap {Commands[i]}: {ours[i]:0.0} ms{beside}");
        }
    }

    /// <summary>Median of seven, in milliseconds.</summary>
    private static async Task<double[]> MeasureAsync(string address, bool tls, string user, string password)
    {
        using var line = await Line.ConnectAsync(address, tls);
        await line.ReadAsync();
        await line.CommandAsync($"LOGIN {user} {password}");
        var medians = new List<double>();
        foreach (var command in Commands)
        {
            var times = new List<double>();
            for (var i = 0; i < 7; i++)
            {
                var clock = Stopwatch.StartNew();
                await line.CommandAsync(command);
                times.Add(clock.Elapsed.TotalMilliseconds);
            }

            medians.Add(times.Order().ElementAt(3));
        }

        return [.. medians];
    }
}
