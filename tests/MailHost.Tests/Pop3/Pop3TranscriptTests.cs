using System.Globalization;
using SaaS.MailHost.Pop3;
using SaaS.MailHost.Tests.Imap;
using SaaS.MailHost.Tests.Transcripts;
using Xunit;

namespace SaaS.MailHost.Tests.Pop3;

/// <summary>Headers: "messages: N" delivers so many first; "state: transaction" signs in; "plaintext: no" forbids passwords without TLS.</summary>
public sealed class Pop3TranscriptTests
{
    public static TheoryData<string> Files => [.. TranscriptFiles.Under("Transcripts/Pop3")];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Transcript(string file)
    {
        var transcript = TranscriptFiles.Load(file);
        await using var mail = await ImapHost.CreateAsync(
            manualClock: false,
            ("Auth:AllowPlaintextAuth", transcript.Headers.GetValueOrDefault("plaintext") == "no" ? "false" : "true"),
            ("Pop3:FailedLoginDelay", "00:00:00"));
        var count = int.Parse(transcript.Headers.GetValueOrDefault("messages", "0"), CultureInfo.InvariantCulture);
        for (var n = 1; n <= count; n++)
        {
            await mail.DeliverNumberAsync(n);
        }

        await using var runner = new TranscriptRunner(transcript, async _ =>
        {
            var client = await mail.Host.ConnectAsync<Pop3Server>();
            if (transcript.Headers.GetValueOrDefault("state") == "transaction")
            {
                await client.ReadLineAsync();
                await client.SendLineAsync("USER u1@example.test");
                await client.ReadLineAsync();
                await client.SendLineAsync("PASS secret");
                Assert.StartsWith("+OK", await client.ReadLineAsync(), StringComparison.Ordinal);
            }

            return client;
        });
        await runner.RunAsync();
    }
}
