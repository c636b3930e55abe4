using System.Globalization;
using SaaS.Domain.Sharing;
using SaaS.MailHost.Imap;
using SaaS.MailHost.Tests.Transcripts;
using Xunit;

namespace SaaS.MailHost.Tests.Imap;

/// <summary>
/// Headers: "messages: N" delivers so many to INBOX first; "state: authenticated" or "selected" signs all connections in (and opens INBOX);
/// "users: u1 u2" says whose the connections are; "team: u1=lrswipkxte u2=lrs" makes members of the shared mailbox team@example.test, and
/// "staff: u2" of a group; "plaintext: no" forbids passwords without TLS; "progress: always" tells it at every step.
/// </summary>
public sealed class ImapTranscriptTests
{
    public static TheoryData<string> Files => [.. TranscriptFiles.Under("Transcripts/Imap")];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Transcript(string file)
    {
        var transcript = TranscriptFiles.Load(file);
        await using var imap = await ImapHost.CreateAsync(
            manualClock: transcript.Headers.ContainsKey("clock-manual"),
            ("Auth:AllowPlaintextAuth", transcript.Headers.GetValueOrDefault("plaintext") == "no" ? "false" : "true"),
            ("Imap:ProgressInterval", transcript.Headers.ContainsKey("progress") ? "00:00:00" : "00:01:00"));
        var count = int.Parse(transcript.Headers.GetValueOrDefault("messages", "0"), CultureInfo.InvariantCulture);
        for (var n = 1; n <= count; n++)
        {
            await imap.DeliverNumberAsync(n);
        }

        var state = transcript.Headers.GetValueOrDefault("state", "fresh");
        foreach (var member in transcript.Headers.GetValueOrDefault("team", "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, rights) = (member.Split('=')[0], member.Split('=')[1]);
            await imap.AddMemberAsync(name, MailboxRightsText.Parse(rights)!.Value);
        }

        foreach (var name in transcript.Headers.GetValueOrDefault("staff", "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            await imap.AddToStaffAsync(name);
        }

        var users = transcript.Headers.GetValueOrDefault("users", "u1").Split(' ');
        await using var runner = new TranscriptRunner(
            transcript, n => OpenAsync(imap, users[Math.Min(n, users.Length) - 1], state), imap.Host.Clock);
        await runner.RunAsync();
    }

    private static async Task<TestClient> OpenAsync(ImapHost imap, string user, string state)
    {
        var client = await imap.Host.ConnectAsync<ImapServer>();
        if (state == "fresh")
        {
            return client;
        }

        await client.ReadLineAsync();
        await client.SendLineAsync($"z0 LOGIN {user}@example.test secret");
        Assert.StartsWith("z0 OK", await client.ReadLineAsync(), StringComparison.Ordinal);
        if (state == "selected")
        {
            await client.SendLineAsync("z1 SELECT INBOX");
            while (await client.ReadLineAsync() is { } line && !line.StartsWith("z1 ", StringComparison.Ordinal))
            {
            }
        }

        return client;
    }
}
