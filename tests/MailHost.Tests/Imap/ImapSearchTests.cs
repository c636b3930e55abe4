using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SaaS.Domain.Messages;
using SaaS.Domain.Messages.Blobs;
using SaaS.Domain.Messages.Search;
using SaaS.MailHost.Imap;
using SaaS.MailHost.Tests.Transcripts;
using Xunit;

namespace SaaS.MailHost.Tests.Imap;

/// <summary>Search by index finds what a look at every message would find: before, between and behind the blocks of the index.</summary>
public sealed class ImapSearchTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private static readonly string[] Words =
    [
        "invoice", "Meeting", "don't", "Straße", "STRASSE", "café", "cafe\u0301", "naïve", "résumé", "resume", "日本語", "日本", "東京都", "한국어", "한국",
        "Ελλάδα", "ΣΊΣΥΦΟΣ", "σίσυφος", "привет", "ПРИВЕТ", "😀", "👍🏽", "ﬁnal", "final", "a_b", "100%", "back\\slash", "<tag>", "x@example.com", "İstanbul", "ı", "ﬀ",
        "I", "be", "of", "Ｆｕｌｌ", "k\u212A", "zz", "qx",
    ];

    private static readonly string[] Needles =
    [
        "invoice", "INVOICE", "oice meet", "voic", "zzqx", "straße", "strasse", "traß", "CAFÉ", "cafe", "résumé", "resume", "日本", "本", "日本語", "京都",
        "한국", "한", "ελλάδα", "σίσυφος", "Σ", "привет", "ИВЕ", "😀", "👍", "final", "FI", "a_b", "_", "%", "100%", "\\s", "<t", "@", "x@ex", "i", "qx", "q",
        "Full", "kk", "nothing at all", "be of", " ",
    ];

    [Fact]
    public async Task Every_needle_is_found_as_if_all_messages_were_read()
    {
        await using var host = await ImapHost.CreateAsync();
        var random = new Random(7);
        var messages = new List<(string Subject, string Body, string From)>();
        var index = host.Host.Services.GetRequiredService<PostgresSearchIndex>();
        var blocks = host.Host.Services.GetRequiredService<SearchBlocks>();
        for (var i = 0; i < SearchBlocks.Slots + 90; i++)
        {
            var message = (Pick(random, 2), Pick(random, 3), $"{Pick(random, 1).Replace("<tag>", "tag", StringComparison.Ordinal).Replace("\\", "", StringComparison.Ordinal)} <who{i}@example.org>");
            messages.Add(message);
            await host.DeliverAsync(
                $"From: \"{message.Item3[..message.Item3.LastIndexOf(" <", StringComparison.Ordinal)]}\" <who{i}@example.org>\nSubject: {message.Item1}\n"
                + $"X-Number: {i}\nContent-Type: text/plain; charset=utf-8\n\n{message.Item2}\n");
            if (i == 40)
            {
                await index.CatchUpAsync(host.Account, TimeSpan.FromMinutes(1), Ct);
            }
        }

        await using var client = await SelectAsync(host);
        for (var pass = 0; pass < 2; pass++)
        {
            foreach (var needle in Needles)
            {
                var map = new CaseMap(needle);
                Assert.Equal(Numbers(messages, m => map.IsIn(m.Body)), await SearchAsync(client, "BODY", needle));
                Assert.Equal(Numbers(messages, m => map.IsIn(m.Subject)), await SearchAsync(client, "SUBJECT", needle));
                Assert.Equal(Numbers(messages, m => map.IsIn(m.From)), await SearchAsync(client, "FROM", needle));
            }

            Assert.Equal(Numbers(messages, m => m.From.Contains("<who7", StringComparison.Ordinal)), await SearchAsync(client, "TEXT", "<who7"));
            Assert.Equal([78, 178, 278, 378, 478, 578], await SearchAsync(client, "HEADER X-Number", "77"));
            Assert.Equal(messages.Count, (await SearchAsync(client, "HEADER X-Number", "")).Count);
            Assert.Empty(await SearchAsync(client, "HEADER X-Nothing", ""));

            // The first pass built one block, or found it; what is behind it is compared with each message.
            Assert.True(await blocks.CatchUpAsync(host.Account, TimeSpan.FromMinutes(1), Ct));
        }

        Assert.Equal(1, await CountAsync(host, "search_block"));
        Assert.True((await blocks.FindAsync(host.Account, SearchPlaces.Body, ["zzqxnothing"], Ct)).Body.Count < 20);
    }

    [Fact]
    public async Task Text_finds_header_fields_of_parts_and_body_does_not()
    {
        await using var host = await ImapHost.CreateAsync();
        await host.DeliverAsync(
            """
            From: a@example.org
            Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= aus
             Wien
            Content-Type: multipart/mixed; boundary=b

            --b
            Content-Type: text/plain

            see attached
            --b
            Content-Type: application/pdf; name="Quartalsbericht.pdf"
            Content-Disposition: attachment; filename="Quartalsbericht.pdf"
            Content-Transfer-Encoding: base64

            AAAA
            --b--
            """);
        await using var client = await SelectAsync(host);

        Assert.Equal([1], await SearchAsync(client, "TEXT", "quartalsbericht.PDF"));
        Assert.Empty(await SearchAsync(client, "BODY", "quartalsbericht.PDF"));
        Assert.Equal([1], await SearchAsync(client, "TEXT", "grüße aus wien"));
        Assert.Equal([1], await SearchAsync(client, "HEADER Subject", "GRÜßE AUS"));
        Assert.Equal([1], await SearchAsync(client, "BODY", "see attached"));
    }

    [Fact]
    public async Task Blocks_of_deleted_messages_are_built_anew()
    {
        await using var host = await ImapHost.CreateAsync();
        for (var i = 0; i < SearchBlocks.Slots + 10; i++)
        {
            await host.DeliverNumberAsync(i);
        }

        await using var client = await SelectAsync(host);
        Assert.Equal([401], await SearchAsync(client, "BODY", "number 400."));
        Assert.Equal(1, await CountAsync(host, "search_block"));
        await host.Messages.ExpungeAsync(
            host.Account, new MessageSelection.ByUid(new Domain.Common.MailboxId(1), [.. Enumerable.Range(1, 300).Select(u => new Domain.Common.Uid((uint)u))]), false, Ct);
        var services = host.Host.Services;
        await new StoreCollector(services.GetRequiredService<NpgsqlDataSource>(), services.GetRequiredService<IBlobStore>(), TimeProvider.System)
            .CollectContentsAsync(Ct);

        Assert.Equal(0, await CountAsync(host, "search_block"));
        await client.SendLineAsync("x NOOP");
        while (!(await client.ReadLineAsync())!.StartsWith("x OK", StringComparison.Ordinal))
        {
        }

        Assert.Equal([101], await SearchAsync(client, "BODY", "number 400."));
    }

    private static string Pick(Random random, int count) => string.Join(' ', Enumerable.Range(0, count).Select(_ => Words[random.Next(Words.Length)]));

    private static List<int> Numbers<T>(List<T> all, Func<T, bool> test) => [.. Enumerable.Range(1, all.Count).Where(n => test(all[n - 1]))];

    private static async Task<TestClient> SelectAsync(ImapHost host)
    {
        var client = await host.Host.ConnectAsync<ImapServer>();
        await client.ReadLineAsync();
        foreach (var line in new[] { "LOGIN u1@example.test secret", "SELECT INBOX" })
        {
            await client.SendLineAsync("x " + line);
            while (!(await client.ReadLineAsync())!.StartsWith("x OK", StringComparison.Ordinal))
            {
            }
        }

        return client;
    }

    private static async Task<List<int>> SearchAsync(TestClient client, string key, string needle)
    {
        var bytes = Encoding.UTF8.GetBytes(needle);
        await client.SendAsync($"x SEARCH CHARSET UTF-8 {key} {{{bytes.Length}+}}\r\n");
        await client.SendAsync(bytes);
        await client.SendLineAsync("");
        var found = new List<int>();
        while (await client.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("* SEARCH", StringComparison.Ordinal))
            {
                found.AddRange(line[8..].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(n => int.Parse(n, CultureInfo.InvariantCulture)));
            }
            else if (line.StartsWith("x ", StringComparison.Ordinal))
            {
                Assert.StartsWith("x OK", line, StringComparison.Ordinal);
                return found;
            }
        }

        throw new EndOfStreamException();
    }

    private static async Task<long> CountAsync(ImapHost host, string table)
    {
        await using var command = host.Host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand($"SELECT count(*) FROM {table}");
        return (long)(await command.ExecuteScalarAsync(Ct))!;
    }
}
