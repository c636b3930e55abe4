using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SaaS.Domain.Sharing;
using SaaS.MailHost.Smtp;
using SaaS.MailHost.Tests.Transcripts;
using Xunit;

namespace SaaS.MailHost.Tests.Smtp;

/// <summary>The files in Transcripts/. Headers: "server" mx, submission, smtps or lmtp; "address" of the client; "plaintext-auth: yes".</summary>
/// <remarks>Accounts: alice, bob, full (no room), small (room for 50 octets), held (suspended); tiny (its plan takes messages of 1,000 octets); alias sales leads to alice; shared mailboxes info (alice sends as it) and help (alice sends on its behalf); password "secret".</remarks>
public sealed class SmtpTranscriptTests(SmtpTranscriptTests.Hosts hosts) : IClassFixture<SmtpTranscriptTests.Hosts>
{
    public static TheoryData<string> Files => [.. TranscriptFiles.Under("Smtp/Transcripts")];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Transcript(string file)
    {
        var transcript = TranscriptFiles.Load(file);
        var host = transcript.Headers.ContainsKey("plaintext-auth") ? hosts.Plaintext : hosts.Strict;
        var name = transcript.Headers.GetValueOrDefault("server", "mx");
        var address = transcript.Headers.GetValueOrDefault("address", "192.0.2.7");
        var server = host.Services.GetRequiredKeyedService<SmtpServer>(name == "smtps" ? "submission" : name);
        await using var runner = new TranscriptRunner(transcript, _ => host.ConnectAsync(server, name == "smtps", address), host.Clock);
        runner.Captures["plain"] = Base64("\0alice@example.test\0secret");
        runner.Captures["wrong"] = Base64("\0alice@example.test\0wrong");
        runner.Captures["tiny"] = Base64("\0tiny@example.test\0secret");
        runner.Captures["user"] = Base64("alice@example.test");
        runner.Captures["password"] = Base64("secret");
        await runner.RunAsync();
    }

    private static string Base64(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));

    public sealed class Hosts : IAsyncLifetime
    {
        internal TestHost Strict { get; private set; } = null!;
        internal TestHost Plaintext { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Strict = await CreateAsync();
            Plaintext = await CreateAsync(("Auth:AllowPlaintextAuth", "true"));
        }

        private static async Task<TestHost> CreateAsync(params (string, string)[] settings)
        {
            var host = await TestHost.CreateAsync(true, [.. settings, ("Smtp:Mx:MaxMessageBytes", "100000"), ("Smtp:Mx:MessagesPerSession", "3"), ("Smtp:Mx:RecipientsPerMessage", "4")]);
            var directory = new TestDirectory(host.Services.GetRequiredService<NpgsqlDataSource>());
            await directory.CreateTenantAsync();
            await directory.AddAccountAsync("alice");
            await directory.AddAccountAsync("bob");
            await directory.AddAccountAsync("full", quota: 0);
            await directory.AddAccountAsync("small", quota: 50);
            await directory.AddAccountAsync("held");
            await directory.ExecuteAsync("UPDATE account SET suspended = true WHERE local_part = 'held'");
            await directory.AddAccountAsync("tiny");
            await directory.ExecuteAsync("""
                INSERT INTO plan (name, account_quota_bytes, max_accounts, max_domains, max_message_bytes, send_per_day, created_at)
                VALUES ('Tiny', 1000000, 0, 0, 1000, 2000, now());
                INSERT INTO tenant (reseller_id, plan_id, name, suspended, created_at) VALUES (1, 2, 'Tiny', false, now());
                UPDATE account SET tenant_id = 2 WHERE local_part = 'tiny';
                """);
            await directory.AddSharedAsync("info", "alice", MailboxRights.SendAs);
            await directory.AddSharedAsync("help", "alice", MailboxRights.SendOnBehalf);
            await directory.AddAliasAsync("sales", "alice@example.test");
            return host;
        }

        public async ValueTask DisposeAsync()
        {
            await Strict.DisposeAsync();
            await Plaintext.DisposeAsync();
        }
    }
}
