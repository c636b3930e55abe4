using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;
using SaaS.MailHost.Moves.Import;
using Xunit;

namespace SaaS.MailHost.Tests.Moves;

/// <summary>Maildir and mbox on disk come in with what their programs wrote beside the mail, and once.</summary>
public sealed class ImportTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private const string Mbox = "From a@b.test Thu Nov 24 18:22:48 2011 +0100\nSubject: rd\nStatus: RO\nX-Status: AF\nX-Keywords: work $Label1\n\n>From here\n>>From there\nFrom me to you, no separator\n\n"
        + "From a@b.test Fri Nov 25 08:00:00 2011\nSubject: counted\nContent-Length: 51\n\nFrom x@y.test Fri Nov 25 08:00:00 2011\n\n>From kept\n\n"
        + "From a@b.test Fri Nov 25 09:00:00 2011\nSubject: wrong length\nContent-Length: 4000\n\nbody\n\n"
        + "From a@b.test Fri Nov 25 10:00:00 2011\nSubject: last\n\nno line end";

    [Fact]
    public async Task Mbox_variants_are_read_as_they_were_written()
    {
        var messages = new List<(string Text, MessageFlags Flags, string Keywords, DateTimeOffset? Date)>();
        using var stream = new MemoryStream(Encoding.ASCII.GetBytes(Mbox));
        var reader = new MboxReader(stream, Path.GetTempPath());
        while (await reader.ReadAsync(Ct) is { } m)
        {
            using var text = new StreamReader(m.Bytes.Bytes.OpenRead());
            messages.Add((await text.ReadToEndAsync(Ct), m.Flags, string.Join(' ', m.Keywords), m.Date));
            m.Dispose();
        }

        Assert.Equal(
        [
            "Subject: rd\r\n\r\nFrom here\r\n>From there\r\nFrom me to you, no separator\r\n",
            "Subject: counted\r\n\r\nFrom x@y.test Fri Nov 25 08:00:00 2011\r\n\r\n>From kept\r\n",
            "Subject: wrong length\r\n\r\nbody\r\n",
            "Subject: last\r\n\r\nno line end",
        ], messages.Select(m => m.Text));
        Assert.Equal(MessageFlags.Seen | MessageFlags.Answered | MessageFlags.Flagged, messages[0].Flags);
        Assert.Equal("$label1 work", messages[0].Keywords);
        Assert.Equal(new DateTimeOffset(2011, 11, 24, 18, 22, 48, TimeSpan.FromHours(1)), messages[0].Date);
        Assert.Equal(new DateTimeOffset(2011, 11, 25, 10, 0, 0, TimeSpan.Zero), messages[3].Date);
    }

    [Fact]
    public async Task A_Maildir_comes_with_folders_flags_and_keywords_and_a_second_time_nothing_comes()
    {
        await using var host = await TestHost.CreateAsync(manualClock: false);
        var directory = new TestDirectory(host.Services.GetRequiredService<NpgsqlDataSource>());
        await directory.CreateTenantAsync();
        var account = await directory.AddAccountAsync("anna");
        var root = Directory.CreateTempSubdirectory("maildir-").FullName;
        try
        {
            Write(root, "cur/1.host:2,FSa", "one");
            Write(root, "new/2.host", "two");
            Write(Path.Combine(root, ".Sent Items"), "cur/3.host:2,S", "three");
            Write(Path.Combine(root, ".Gr&APYA3w-e.Tief"), "cur/4.host:2,RT", "four");
            Write(root, "tmp/9.host", "half");
            File.CreateSymbolicLink(Path.Combine(root, "cur/5.host:2,S"), "/etc/hostname");
            await File.WriteAllTextAsync(Path.Combine(root, "dovecot-keywords"), "0 Rechnung\n", Ct);

            var output = new StringWriter();
            Assert.Equal(0, await new ImportCommand(host.Services, output, Path.GetTempPath()).RunLineAsync(["import-maildir", root, "--account", "anna@example.test"], Ct));
            Assert.Contains("4 message(s) brought", output.ToString(), StringComparison.Ordinal);
            var store = host.Services.GetRequiredService<MessageStore>();
            var boxes = (await host.Services.GetRequiredService<MailboxService>().ListAsync(account, Ct)).ToDictionary(m => m.Name);
            Assert.Equal((2, 1, 1), (boxes["INBOX"].Total, boxes["Sent"].Total, boxes["Größe/Tief"].Total));
            var first = (await store.RowsAsync(account, new MessageSelection.ByUid(boxes["INBOX"].Id, []), Ct))[0];
            Assert.Equal((MessageFlags.Seen | MessageFlags.Flagged, "rechnung"), (first.Flags, string.Join(' ', first.Keywords!)));

            // Read meanwhile: the file has another name, the message is the same.
            File.Move(Path.Combine(root, "new/2.host"), Path.Combine(root, "cur/2.host:2,S"));
            output = new StringWriter();
            Assert.Equal(0, await new ImportCommand(host.Services, output, Path.GetTempPath()).RunLineAsync(["import-maildir", root, "--account", "anna@example.test"], Ct));
            Assert.Contains("0 message(s) brought, 4 were here already", output.ToString(), StringComparison.Ordinal);

            var file = Path.Combine(root, "old.mbox");
            await File.WriteAllTextAsync(file, Mbox, Ct);
            for (var run = 0; run < 2; run++)
            {
                Assert.Equal(0, await new ImportCommand(host.Services, output, Path.GetTempPath()).RunLineAsync(["import-mbox", file, "--account", "anna@example.test", "--mailbox", "Old/Mail"], Ct));
                Assert.Equal(4, (await host.Services.GetRequiredService<MailboxService>().FindAsync(account, "Old/Mail", Ct))!.Total);
            }
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static void Write(string maildir, string name, string subject)
    {
        foreach (var part in (string[])["cur", "new", "tmp"])
        {
            Directory.CreateDirectory(Path.Combine(maildir, part));
        }

        File.WriteAllText(Path.Combine(maildir, name), $"Subject: {subject}\nMessage-ID: <{subject}@old.test>\n\nbody\n");
    }
}
