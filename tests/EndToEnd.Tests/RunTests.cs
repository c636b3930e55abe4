using MailKit;
using SaaS.EndToEnd.Tests.Support;
using Xunit;

namespace SaaS.EndToEnd.Tests;

/// <summary>./run itself: restarts, several processes on one database, and how it says no.</summary>
public sealed class RunTests
{
    [Fact]
    public async Task A_second_run_goes_on_where_the_first_stopped()
    {
        var ct = TestContext.Current.CancellationToken;
        var data = Directory.CreateTempSubdirectory("postyard-e2e-").FullName;
        await using (var first = await Service.StartAsync(data, false, Tools.PortBase + 100, ["--roles", "mx,imap"], ct))
        {
            await first.DeliverAsync(Service.Compose("stranger@remote.test", "carol@example.test", "Keep me"), ct);
        }

        await using var second = await Service.StartAsync(data, true, Tools.PortBase + 100, ["--roles", "mx,imap"], ct);
        using var imap = await second.ImapAsync("carol@example.test", ct);
        await imap.Inbox!.OpenAsync(FolderAccess.ReadOnly, ct);
        Assert.Equal(1, imap.Inbox.Count);
    }

    [Fact]
    public async Task Roles_in_two_processes_work_together_on_one_database()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var edge = await Service.StartAsync(Tools.PortBase + 200, ["--roles", "mx,relay"], ct);
        await using var rest = await Service.StartAsync(
            Tools.PortBase + 300, ["--roles", "submission,lmtp,imap,pop3,sieve,jobs", "--database", edge["database"]], ct);
        Assert.False(edge.Has("imap"));
        Assert.False(rest.Has("smtp_mx"));
        using var imap = await rest.ImapAsync("dora@beispiel.test", ct);
        await imap.Inbox!.OpenAsync(FolderAccess.ReadOnly, ct);
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        imap.Inbox.CountChanged += (_, _) => arrived.TrySetResult();
        using var done = new CancellationTokenSource();
        var idle = imap.IdleAsync(done.Token, ct);

        await edge.DeliverAsync(Service.Compose("stranger@remote.test", "dora@beispiel.test", "Across processes"), ct);

        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(10), ct);
        await done.CancelAsync();
        await idle;
    }

    [Fact]
    public async Task A_busy_port_is_one_clear_line()
    {
        var ct = TestContext.Current.CancellationToken;
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 2525 + Tools.PortBase + 400);
        taken.Start();
        var data = Directory.CreateTempSubdirectory("postyard-e2e-").FullName;

        var (code, output) = await Tools.RunAsync(Path.Combine(Tools.Root, "run"), ["--data", data, "--port-base", $"{Tools.PortBase + 400}"], ct);

        Assert.NotEqual(0, code);
        Assert.Contains("run: port 9925 (smtp_mx) is in use", output, StringComparison.Ordinal);
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task A_database_that_does_not_answer_is_one_clear_line()
    {
        var ct = TestContext.Current.CancellationToken;
        var data = Directory.CreateTempSubdirectory("postyard-e2e-").FullName;

        var (code, output) = await Tools.RunAsync(
            Path.Combine(Tools.Root, "run"),
            ["--data", data, "--port-base", $"{Tools.PortBase + 500}", "--database", $"Host=127.0.0.1;Port={Tools.FreePort()};Username=x;Database=x;Timeout=3"], ct);

        Assert.NotEqual(0, code);
        Assert.Contains("run: the database cannot be prepared", output, StringComparison.Ordinal);
        Directory.Delete(data, recursive: true);
    }

    [Theory]
    [InlineData("--port-base", "x")]
    [InlineData("--roles", "mx,smpt")]
    [InlineData("--no-such-option")]
    public async Task A_wrong_option_is_one_clear_line(params string[] options)
    {
        var ct = TestContext.Current.CancellationToken;
        var data = Directory.CreateTempSubdirectory("postyard-e2e-").FullName;

        var (code, output) = await Tools.RunAsync(Path.Combine(Tools.Root, "run"), ["--data", data, .. options], ct);

        Assert.NotEqual(0, code);
        Assert.StartsWith("run: ", Assert.Single(output.Trim().Split('\n')), StringComparison.Ordinal);
        Directory.Delete(data, recursive: true);
    }
}
