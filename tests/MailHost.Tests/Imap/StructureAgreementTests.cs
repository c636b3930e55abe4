using System.Diagnostics;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using MimeKit.Utils;
using SaaS.Domain.Messages;
using SaaS.MailHost.Imap;
using SaaS.MailHost.Imap.Commands.Fetch;
using SaaS.MailHost.Imap.Wire;
using SaaS.MailHost.Tests.Transcripts;
using Xunit;

namespace SaaS.MailHost.Tests.Imap;

/// <summary>ENVELOPE and BODYSTRUCTURE of published messages: as a fresh parse gives them, and beside Dovecot's.</summary>
/// <remarks>Where we differ on purpose stands in MailHost/Imap/README.md.</remarks>
public sealed class StructureAgreementTests(ITestOutputHelper output)
{
    [Fact]
    public async Task What_was_stored_at_delivery_is_what_a_fresh_parse_gives()
    {
        var messages = Samples().Take(400).ToList();
        await using var host = await ImapHost.CreateAsync();
        var prepended = "Return-Path: <a@example.org>\r\nReceived: from x by y; Thu, 1 Jan 2026 10:00:00 +0100\r\n"u8.ToArray();
        foreach (var (_, raw) in messages)
        {
            using var bytes = MessageBytes.From(raw);
            Assert.True((await host.Messages.StoreAsync(
                new Domain.Delivery.StoreRequest { Account = host.Account, Tenant = host.Tenant, Message = bytes, Prepend = prepended },
                TestContext.Current.CancellationToken)).Ok);
        }

        await using var client = await host.Host.ConnectAsync<ImapServer>();
        await client.ReadLineAsync();
        await ReplyAsync(client, "LOGIN u1@example.test secret");
        await ReplyAsync(client, "EXAMINE INBOX");
        for (var n = 0; n < messages.Count; n++)
        {
            var (name, raw) = messages[n];
            var fresh = await RenderAsync(MessageParser.Parse((byte[])[.. prepended, .. raw]));

            // One by one, and as one of many: each has its own way to the wire.
            Assert.Equal($"{name}: * {n + 1} FETCH ({fresh})", $"{name}: {await ReplyAsync(client, $"FETCH {n + 1} (ENVELOPE BODYSTRUCTURE)")}");
        }

        var all = await ReplyAsync(client, "FETCH 1:* (ENVELOPE BODYSTRUCTURE)");
        var expected = new StringBuilder();
        for (var n = 0; n < messages.Count; n++)
        {
            expected.Append(n > 0 ? "\n" : "").Append($"* {n + 1} FETCH ({await RenderAsync(MessageParser.Parse((byte[])[.. prepended, .. messages[n].Raw]))})");
        }

        Assert.Equal(expected.ToString(), all);
    }

    [Fact]
    public async Task Dovecot_sees_the_same_in_published_messages()
    {
        if (!File.Exists("/usr/bin/doveadm") || !File.Exists("/usr/lib/dovecot/imap") || Environment.UserName != "root"
            || Environment.GetEnvironmentVariable("SUITES") is not { Length: > 0 })
        {
            Assert.Skip("Needs SUITES, root and the package dovecot-imapd.");
            return;
        }

        var messages = Samples().ToList();
        var theirs = await DovecotAsync(messages);
        var different = new List<string>();
        for (var i = 0; i < messages.Count; i++)
        {
            var ours = await RenderAsync(MessageParser.Parse(messages[i].Raw.AsMemory()));
            var difference = Compare(Tree(ours), Tree(theirs[i]), "");
            if (difference is not null)
            {
                different.Add($"{messages[i].Name}: {difference}");
            }
        }

        output.WriteLine($"{different.Count} of {messages.Count} differ");
        output.WriteLine(string.Join('\n', different));

        // What is left is deliberate; it may only shrink.
        Assert.True(different.Count <= messages.Count / 10, $"{different.Count} of {messages.Count} differ:\n" + string.Join('\n', different.Take(60)));
    }

    /// <summary>The published messages where there are some, else a few of our own; lines end in CRLF.</summary>
    private static IEnumerable<(string Name, byte[] Raw)> Samples()
    {
        if (Environment.GetEnvironmentVariable("SUITES") is not { Length: > 0 } suites || !Directory.Exists(suites))
        {
            yield return ("plain", Crlf("From: a@b\nSubject: x\n\nbody\n"u8));
            yield return ("multi", Crlf("From: =?utf-8?q?Z=C3=B6?= <a@b>\nContent-Type: multipart/mixed; boundary=q\n\n--q\n\none\n--q\nContent-Type: image/png; name*=utf-8''%C3%A4.png\n\nxx\n--q--\n"u8));
            yield break;
        }

        foreach (var file in Directory.GetFiles(Path.Combine(suites, "mime"), "*.eml", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            if (Crlf(File.ReadAllBytes(file)) is { Length: > 0 } raw)
            {
                yield return (Path.GetRelativePath(suites, file), raw);
            }
        }

        var folder = Directory.CreateTempSubdirectory("postyard-corpus-").FullName;
        try
        {
            using (var tar = Process.Start("tar", ["xJf", Path.Combine(suites, "corpus/ham-and-spam.tar.xz"), "-C", folder]))
            {
                tar.WaitForExit();
            }

            foreach (var file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Where((_, i) => i % 4 == 0))
            {
                yield return (Path.GetRelativePath(folder, file), Crlf(File.ReadAllBytes(file)));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static byte[] Crlf(ReadOnlySpan<byte> raw)
    {
        var lines = new MemoryStream(raw.Length + 1000);
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] == '\n' && (i == 0 || raw[i - 1] != '\r'))
            {
                lines.WriteByte((byte)'\r');
            }

            lines.WriteByte(raw[i]);
        }

        return lines.ToArray();
    }

    private static async Task<string> RenderAsync(ParsedMessage parsed)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var w = new ImapWriter(pipe.Writer);
        w.Raw("ENVELOPE "u8);
        EnvelopeJson.Write(w, JsonSerializer.SerializeToUtf8Bytes(parsed.Envelope, MessageJson.Default.MessageEnvelope));
        w.Raw(" BODYSTRUCTURE "u8);
        StructureWriter.Body(w, parsed.Structure, extended: true);
        await w.FlushAsync(TestContext.Current.CancellationToken);
        await pipe.Writer.CompleteAsync();
        var all = new MemoryStream();
        await pipe.Reader.CopyToAsync(all);
        return Encoding.Latin1.GetString(all.ToArray()).Replace("\r\n", "\n", StringComparison.Ordinal);
    }

    private static async Task<List<string>> DovecotAsync(List<(string Name, byte[] Raw)> messages)
    {
        var folder = Directory.CreateTempSubdirectory("postyard-dovecot-").FullName;
        try
        {
            foreach (var name in new[] { "cur", "new", "tmp" })
            {
                Directory.CreateDirectory(Path.Combine(folder, "mail", name));
            }

            for (var i = 0; i < messages.Count; i++)
            {
                await File.WriteAllBytesAsync(Path.Combine(folder, "mail/cur", $"{1_000_000 + i}.M1P1.host:2,S"), messages[i].Raw);
            }

            await File.WriteAllTextAsync(Path.Combine(folder, "dovecot.conf"), $"""
                base_dir = {folder}/run
                state_dir = {folder}/run
                log_path = {folder}/mail/log
                protocols = imap
                ssl = no
                mail_location = maildir:{folder}/mail
                first_valid_uid = 0
                mail_uid = mail
                mail_gid = mail

                """);
            using (var chown = Process.Start("chown", ["-R", "mail:mail", folder]))
            {
                await chown.WaitForExitAsync();
            }

            var start = new ProcessStartInfo("runuser", ["-u", "mail", "--", "/usr/bin/doveadm", "-c", Path.Combine(folder, "dovecot.conf"), "exec", "imap"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                WorkingDirectory = folder,
            };
            start.Environment["HOME"] = folder;
            start.Environment["USER"] = "mail";
            using var imap = Process.Start(start)!;
            await imap.StandardInput.WriteAsync("a EXAMINE INBOX\r\nb FETCH 1:* (ENVELOPE BODYSTRUCTURE)\r\nc LOGOUT\r\n");
            await imap.StandardInput.FlushAsync();

            // It stops in the middle where its input ends.
            var all = new MemoryStream();
            await imap.StandardOutput.BaseStream.CopyToAsync(all);
            await imap.WaitForExitAsync();

            // Responses follow each other; literals have lines of their own.
            var text = Encoding.Latin1.GetString(all.ToArray()).Replace("\r\n", "\n", StringComparison.Ordinal);
            var found = new List<string>();
            for (var n = 1; n <= messages.Count; n++)
            {
                var head = $"* {n} FETCH (";
                var from = text.IndexOf("\n" + head, StringComparison.Ordinal) + 1 + head.Length;
                var to = text.IndexOf(n == messages.Count ? "\nb OK" : $"\n* {n + 1} FETCH (", from, StringComparison.Ordinal);
                found.Add(text[from..(to - 1)]);
            }

            return found;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A parenthesised list as lists and strings; NIL is "NIL".</summary>
    private static List<object> Tree(string text)
    {
        var stack = new Stack<List<object>>();
        stack.Push([]);
        for (var i = 0; i < text.Length;)
        {
            switch (text[i])
            {
                case '(':
                    stack.Push([]);
                    i++;
                    break;
                case ')':
                    var done = stack.Pop();
                    stack.Peek().Add(done);
                    i++;
                    break;
                case ' ' or '\n':
                    i++;
                    break;
                case '"':
                    var quoted = new StringBuilder();
                    for (i++; text[i] != '"'; i++)
                    {
                        i += text[i] == '\\' ? 1 : 0;
                        quoted.Append(text[i]);
                    }

                    i++;
                    stack.Peek().Add(quoted.ToString());
                    break;
                case '{':
                    var close = text.IndexOf('}', i);
                    var length = int.Parse(text.AsSpan(i + 1, close - i - 1), System.Globalization.CultureInfo.InvariantCulture);

                    // Lines in a literal lost their CR.
                    var end = close + 2;
                    for (var octets = 0; octets < length; octets++, end++)
                    {
                        octets += text[end] == '\n' ? 1 : 0;
                    }

                    stack.Peek().Add(text[(close + 2)..end]);
                    i = end;
                    break;
                default:
                    var stop = text.AsSpan(i).IndexOfAny(" ()\n");
                    stop = stop < 0 ? text.Length : i + stop;
                    stack.Peek().Add(text[i..stop]);
                    i = stop;
                    break;
            }
        }

        return stack.Peek();
    }

    private static string? Compare(object ours, object theirs, string at)
    {
        if (ours is List<object> a && theirs is List<object> b)
        {
            for (var i = 0; i < Math.Max(a.Count, b.Count); i++)
            {
                if (i >= a.Count || i >= b.Count)
                {
                    return $"{at}/{i}: {(i >= a.Count ? "only theirs " + Show(b[i]) : "only ours " + Show(a[i]))}";
                }

                if (Compare(a[i], b[i], $"{at}/{i}") is { } difference)
                {
                    return difference;
                }
            }

            return null;
        }

        return ours is string x && theirs is string y && Normal(x).Equals(Normal(y), StringComparison.OrdinalIgnoreCase)
            ? null
            : $"{at}: ours {Show(ours)}, theirs {Show(theirs)}";
    }

    private static string Normal(string text)
    {
        if (text.Contains("=?", StringComparison.Ordinal))
        {
            text = Rfc2047.DecodeText(Encoding.Latin1.GetBytes(text));
        }

        return string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    private static string Show(object node) => node is List<object> list ? "(" + string.Join(' ', list.Select(Show)) + ")" : $"\"{node}\"";

    private static async Task<string> ReplyAsync(TestClient client, string command)
    {
        await client.SendLineAsync("x " + command);
        var text = new StringBuilder();
        while (await client.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("x ", StringComparison.Ordinal))
            {
                Assert.StartsWith("x OK", line, StringComparison.Ordinal);
                return text.ToString();
            }

            text.Append(text.Length > 0 ? "\n" : "").Append(line);
        }

        throw new EndOfStreamException();
    }
}
