using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using SaaS.EndToEnd.Tests.Support;
using Xunit;

namespace SaaS.EndToEnd.Tests;

/// <summary>
/// Mail keeps coming while MailHost and PostgreSQL are killed with SIGKILL again and again. Then every recipient that read 250 has the message
/// exactly once, and nobody has one twice.
/// </summary>
public sealed class DurabilityTests
{
    private const int Senders = 8;
    private const int MxPort = 28711;
    private const int HttpPort = 28712;

    private readonly ConcurrentBag<string> _acknowledged = [];
    private readonly ConcurrentBag<string> _unanswered = [];
    private int _number;

    [Fact]
    public async Task Killing_anything_loses_nothing_acknowledged_and_repeats_nothing()
    {
        var ct = TestContext.Current.CancellationToken;
        var (built, log) = await Tools.RunAsync(Path.Combine(Tools.Root, "run"), ["--build"], ct);
        Assert.True(built == 0, log);
        await using var cluster = await Cluster.StartAsync(ct);
        var settings = Settings(cluster);
        var (seeded, output) = await Tools.RunAsync("dotnet", ["exec", Dll("Migrations"), "migrate", "seed"], ct, settings);
        Assert.True(seeded == 0, output);

        var host = StartMailHost(settings);
        await ReadyAsync(ct);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var senders = Enumerable.Range(0, Senders).Select(n => SendAsync(n, stop.Token)).ToArray();
        for (var round = 0; round < 3; round++)
        {
            await Task.Delay(TimeSpan.FromSeconds(2 + round % 2), ct);
            host.Kill();
            await host.WaitForExitAsync(ct);
            host.Dispose();
            host = StartMailHost(settings);
            await ReadyAsync(ct);
            await Task.Delay(TimeSpan.FromSeconds(2), ct);
            await cluster.KillAsync(ct);
            await cluster.RestartAsync(ct);
            await ReadyAsync(ct);
        }

        await Task.Delay(TimeSpan.FromSeconds(1), ct);
        await stop.CancelAsync();
        await Task.WhenAll(senders);
        await Tools.EventuallyAsync("the queue to be empty", TimeSpan.FromSeconds(90), async () =>
            await cluster.CountAsync("SELECT count(*) FROM queue_recipient WHERE state IN (0, 1)", ct) == 0 ? "" : null);
        host.Kill();
        host.Dispose();

        // One line per copy: Message-ID and whose it is.
        var copies = (await cluster.ListAsync("""
            SELECT (c.envelope->>'m') || ' ' || a.local_part FROM message m
            JOIN message_content c ON c.account_id = m.account_id AND c.id = m.content_id
            JOIN account a ON a.id = m.account_id WHERE c.envelope->>'m' LIKE '<kill-%'
            """, ct)).GroupBy(c => c).ToDictionary(g => g.Key, g => g.Count());
        TestContext.Current.SendDiagnosticMessage($"{_acknowledged.Count} acknowledged, {_unanswered.Count} without an answer, {copies.Count} stored");
        Assert.True(_acknowledged.Count > 100, $"Only {_acknowledged.Count} were acknowledged: nothing was proven.");
        Assert.DoesNotContain(copies, c => c.Value > 1);
        Assert.DoesNotContain(_acknowledged, a => !copies.ContainsKey(a));
    }

    /// <summary>A sender without pity: a connection for some messages, one or two recipients each, and no second try.</summary>
    private async Task SendAsync(int sender, CancellationToken ct)
    {
        string[] people = ["alice", "bob", "carol", "admin"];
        while (!ct.IsCancellationRequested)
        {
            string[] recipients = [];
            var id = "";
            var open = false;
            try
            {
                using var tcp = new TcpClient();
                await tcp.ConnectAsync("127.0.0.1", MxPort, ct);
                await using var stream = tcp.GetStream();
                using var reader = new StreamReader(stream, Encoding.ASCII);
                await ExpectAsync(reader, null, null, "220");
                await ExpectAsync(reader, stream, "EHLO sender.test\r\n", "250");
                for (var i = 0; i < 20 && !ct.IsCancellationRequested; i++)
                {
                    var number = Interlocked.Increment(ref _number);
                    id = $"<kill-{number}@sender.test>";
                    recipients = number % 3 == 0 ? [people[sender % 4], people[(sender + 1) % 4]] : [people[sender % 4]];
                    await ExpectAsync(reader, stream, "MAIL FROM:<s@sender.test>\r\n", "250");
                    foreach (var recipient in recipients)
                    {
                        await ExpectAsync(reader, stream, $"RCPT TO:<{recipient}@example.test>\r\n", "250");
                    }

                    await ExpectAsync(reader, stream, "DATA\r\n", "354");
                    open = true;
                    await ExpectAsync(reader, stream, $"Message-ID: {id}\r\nSubject: {number}\r\n\r\n{new string('x', 70)}\r\n.\r\n", "250");
                    open = false;
                    foreach (var recipient in recipients)
                    {
                        _acknowledged.Add($"{id} {recipient}");
                    }
                }
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or InvalidOperationException)
            {
                if (open)
                {
                    foreach (var recipient in recipients)
                    {
                        _unanswered.Add($"{id} {recipient}");
                    }
                }

                if (!ct.IsCancellationRequested)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(100), CancellationToken.None);
                }
            }
        }
    }

    private static async Task ExpectAsync(StreamReader reader, NetworkStream? stream, string? command, string code)
    {
        // Not cancelled: once the message is under way its answer counts.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        if (command is not null)
        {
            await stream!.WriteAsync(Encoding.ASCII.GetBytes(command), limit.Token);
        }

        string? line;
        do
        {
            line = await reader.ReadLineAsync(limit.Token) ?? throw new IOException("closed");
        }
        while (line.Length > 3 && line[3] == '-');
        if (!line.StartsWith(code, StringComparison.Ordinal))
        {
            throw new InvalidOperationException(line);
        }
    }

    private static Dictionary<string, string> Settings(Cluster cluster) => new()
    {
        ["ConnectionStrings__Postgres"] = cluster.ConnectionString,
        ["Roles"] = "mx,relay",
        ["Smtp__Mx__Port"] = MxPort.ToString(CultureInfo.InvariantCulture),
        ["Http__Port"] = HttpPort.ToString(CultureInfo.InvariantCulture),
        ["Data__Path"] = Path.Combine(Path.GetTempPath(), $"postyard-kill-{Environment.ProcessId}"),
        ["Dns__Server"] = "127.0.0.1:9",
    };

    private static string Dll(string project) => Path.Combine(Tools.Root, project, "bin/Release/net10.0", $"SaaS.{project}.dll");

    private static Process StartMailHost(Dictionary<string, string> settings)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec dotnet exec \"$0\" >>\"$1\" 2>&1 </dev/null", Dll("MailHost"), Path.Combine(Path.GetTempPath(), $"postyard-kill-{Environment.ProcessId}.log")])
        {
            WorkingDirectory = Path.Combine(Tools.Root, "MailHost"),
        };
        foreach (var (key, value) in settings)
        {
            start.Environment[key] = value;
        }

        return Process.Start(start)!;
    }

    private static async Task ReadyAsync(CancellationToken ct)
    {
        using var http = new HttpClient();
        await Tools.EventuallyAsync("MailHost to be ready", TimeSpan.FromSeconds(60), async () =>
        {
            try
            {
                using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{HttpPort}/health/ready"), ct);
                return answer.IsSuccessStatusCode ? "" : null;
            }
            catch (HttpRequestException)
            {
                return null;
            }
        });
    }
}
