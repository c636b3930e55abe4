using MailKit;
using SaaS.EndToEnd.Tests.Support;
using Xunit;

namespace SaaS.EndToEnd.Tests;

/// <summary>From a Sieve client to the folder and the answer.</summary>
[Collection(ServiceCollection.Name)]
public sealed class FilterTests(SharedService shared)
{
    private readonly Service _service = shared.Service;

    [Fact]
    public async Task A_script_uploaded_by_sieve_connect_files_a_message_and_an_answer_leaves()
    {
        var ct = TestContext.Current.CancellationToken;
        var client = Tools.Need("sieve-connect");
        var folder = Directory.CreateTempSubdirectory("postyard-sieve-").FullName;
        var script = Path.Combine(folder, "work.sieve");
        await File.WriteAllTextAsync(script, """
            require ["fileinto", "mailbox", "imap4flags", "vacation"];
            if header :contains "subject" "build" { addflag "\\Flagged"; fileinto :create "Work/Builds"; }
            vacation :subject "I am away" "Back on Monday.";
            """, ct);
        var (host, port) = _service.At("sieve");
        string[] connect =
        [
            "--server", host, "--port", port.ToString(System.Globalization.CultureInfo.InvariantCulture), "--user", "u12@example.test",
            "--notlsverify", "--passwordfd", "0", "--authmech", "PLAIN",
        ];

        await File.WriteAllTextAsync(Path.Combine(folder, "bad.sieve"), "keep;\nfrop;\n", ct);
        var (_, refused) = await Tools.RunAsync(client, [.. connect, "--localsieve", Path.Combine(folder, "bad.sieve"), "--upload"], ct, input: "secret\n");
        Assert.Contains("line 2: unknown command 'frop'", refused, StringComparison.Ordinal);
        var (code, output) = await Tools.RunAsync(client, [.. connect, "--localsieve", script, "--upload"], ct, input: "secret\n");
        Assert.True(code == 0, output);
        (code, output) = await Tools.RunAsync(client, [.. connect, "--remotesieve", "work.sieve", "--activate"], ct, input: "secret\n");
        Assert.True(code == 0, output);
        (code, output) = await Tools.RunAsync(client, [.. connect, "--list"], ct, input: "secret\n");
        Assert.Contains("work.sieve", output, StringComparison.Ordinal);

        // Who writes is somebody here, whose inbox shows the answer.
        await _service.SubmitAsync("u13@example.test", Service.Compose("u13@example.test", "u12@example.test", "The build is broken"), ct);
        using var reader = await _service.ImapAsync("u12@example.test", ct);
        var filed = await Tools.EventuallyAsync("filed message", TimeSpan.FromSeconds(20), async () =>
        {
            var builds = await FindAsync(reader, "Work/Builds", ct);
            if (builds is null)
            {
                return null;
            }

            await builds.OpenAsync(FolderAccess.ReadOnly, ct);
            return (await builds.FetchAsync(0, -1, MessageSummaryItems.Flags | MessageSummaryItems.Envelope, ct)).FirstOrDefault();
        });
        Assert.Equal("The build is broken", filed.Envelope!.Subject);
        Assert.True(filed.Flags!.Value.HasFlag(MessageFlags.Flagged));
        Assert.Equal(0, (await OpenedAsync(reader.Inbox!, ct)).Count);

        using var sender = await _service.ImapAsync("u13@example.test", ct);
        var answer = await Tools.EventuallyAsync("answer", TimeSpan.FromSeconds(20), async () =>
        {
            var inbox = await OpenedAsync(sender.Inbox!, ct);
            return inbox.Count == 0 ? null : await inbox.GetMessageAsync(inbox.Count - 1, ct);
        });
        Assert.Equal("I am away", answer.Subject);
        Assert.StartsWith("auto-replied", answer.Headers["Auto-Submitted"], StringComparison.Ordinal);
        Assert.Contains("Back on Monday.", answer.TextBody, StringComparison.Ordinal);
    }

    private static async Task<IMailFolder?> FindAsync(MailKit.Net.Imap.ImapClient client, string name, CancellationToken ct)
    {
        try
        {
            return await client.GetFolderAsync(name, ct);
        }
        catch (FolderNotFoundException)
        {
            return null;
        }
    }

    private static async Task<IMailFolder> OpenedAsync(IMailFolder folder, CancellationToken ct)
    {
        if (folder.IsOpen)
        {
            await folder.CheckAsync(ct);
        }
        else
        {
            await folder.OpenAsync(FolderAccess.ReadOnly, ct);
        }

        return folder;
    }
}
