using SaaS.MailHost.ManageSieve;
using SaaS.MailHost.Tests.Imap;
using SaaS.MailHost.Tests.Transcripts;
using Xunit;

namespace SaaS.MailHost.Tests.ManageSieve;

/// <summary>Headers: "state: authenticated" signs in and leaves the greeting out; "plaintext: no" forbids passwords without TLS.</summary>
public sealed class ManageSieveTranscriptTests
{
    public static TheoryData<string> Files => [.. TranscriptFiles.Under("Transcripts/ManageSieve")];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Transcript(string file)
    {
        var transcript = TranscriptFiles.Load(file);
        await using var mail = await ImapHost.CreateAsync(
            manualClock: false,
            ("Auth:AllowPlaintextAuth", transcript.Headers.GetValueOrDefault("plaintext") == "no" ? "false" : "true"),
            ("Sieve:Limits:MaxScripts", "4"), ("Sieve:FailedLoginDelay", "00:00:00"));
        await using var runner = new TranscriptRunner(transcript, async _ =>
        {
            var client = await mail.Host.ConnectAsync<ManageSieveServer>();
            if (transcript.Headers.GetValueOrDefault("state") == "authenticated")
            {
                await ReadToOkAsync(client);
                await client.SendLineAsync("AUTHENTICATE \"PLAIN\" \"AHUxQGV4YW1wbGUudGVzdABzZWNyZXQ=\"");
                await ReadToOkAsync(client);
            }

            return client;
        });
        await runner.RunAsync();
    }

    private static async Task ReadToOkAsync(TestClient client)
    {
        while (await client.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("OK", StringComparison.Ordinal))
            {
                return;
            }

            Assert.StartsWith("\"", line, StringComparison.Ordinal);
        }

        Assert.Fail("No OK.");
    }
}
