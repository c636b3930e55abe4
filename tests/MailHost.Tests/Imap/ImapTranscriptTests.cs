using System.Globalization;
using SaaS.MailHost.Imap;
using SaaS.MailHost.Tests.Transcripts;
using Xunit;

namespace SaaS.MailHost.Tests.Imap;

/// <summary>
/// Headers: "messages: N" delivers so many to INBOX first; "state: authenticated" or "selected" signs all connections in (and opens INBOX);
/// "plaintext: no" forbids passwords without TLS; "progress: always" tells it at every step.
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
        await using var runner = new TranscriptRunner(transcript, _ => OpenAsync(imap, state), imap.Host.Clock);
        await runner.RunAsync();
    }

    private static async Task<TestClient> OpenAsync(ImapHost imap, string state)
    {
        var client = await imap.Host.ConnectAsync<ImapServer>();
        if (state == "fresh")
        {
            return client;
        }

        await client.ReadLineAsync();
        await client.SendLineAsync("z0 LOGIN u1@example.test secret");
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
