using System.Diagnostics;
using System.Text;
using System.Text.Json;
using SaaS.Domain.Messages;
using Xunit;

namespace SaaS.Domain.Tests.Messages;

public sealed class MessageParserTests
{
    private static ParsedMessage Parse(string text) => MessageParser.Parse(Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n")).AsMemory());

    [Fact]
    public void Parts_are_found_with_their_places_nested_messages_included()
    {
        var raw = """
            From: "Ada L." <ada@example.org>, Team: a@x, b@y;
            Subject: =?utf-8?q?Caf=C3=A9?=
            Content-Type: multipart/mixed; boundary="outer"

            preamble
            --outer
            Content-Type: text/plain; charset=utf-8

            Hello
            World

            --outer
            Content-Type: message/rfc822

            Subject: inner
            Content-Type: multipart/alternative; boundary=in

            --in

            plain
            --in
            Content-Type: text/html

            <b>html</b>
            --in--
            --outer
            Content-Type: application/pdf; name*=utf-8''a%C3%A4.pdf
            Content-Disposition: attachment
            Content-Transfer-Encoding: base64

            AAAA
            --outer--
            epilogue
            """.ReplaceLineEndings("\r\n");
        var m = Parse(raw);
        Assert.Equal("Café", m.Envelope.Subject);
        Assert.Equal(["ada@example.org", null, "a@x", "b@y", null], m.Envelope.From!.Select(a => a.Email));
        Assert.Equal("Team", m.Envelope.From![1].Group);
        var parts = m.Structure.Parts!;
        Assert.Equal(["text/plain", "message/rfc822", "application/pdf"], parts.Select(p => $"{p.Type}/{p.Subtype}"));
        Assert.Equal("Hello\r\nWorld\r\n", raw.Substring(parts[0].BodyOffset, parts[0].BodySize));
        Assert.Equal("inner", parts[1].MessageEnvelope!.Subject);
        var inner = parts[1].Message!.Parts!;
        Assert.Equal(["plain", "<b>html</b>"], inner.Select(p => raw.Substring(p.BodyOffset, p.BodySize)));
        Assert.StartsWith("Subject: inner", raw.Substring(parts[1].BodyOffset, parts[1].BodySize), StringComparison.Ordinal);
        Assert.EndsWith("--in--", raw.Substring(parts[1].BodyOffset, parts[1].BodySize), StringComparison.Ordinal);
        Assert.Equal("aä.pdf", parts[2].FileName);
        Assert.True(m.HasAttachment);
        Assert.Equal("Hello World", m.Preview);
    }

    [Fact]
    public void The_stored_json_reads_back_the_same()
    {
        var m = Parse("Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n");
        var json = JsonSerializer.Serialize(m.Structure, MessageJson.Default.BodyPart);
        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize(json, MessageJson.Default.BodyPart), MessageJson.Default.BodyPart));
        Assert.Equal("7bit", JsonSerializer.Deserialize(json, MessageJson.Default.BodyPart)!.Parts![0].Encoding);
    }

    [Theory]
    [InlineData("Re: [list] Fwd: Hello (fwd)", "Hello")]
    [InlineData("[list] Hello", "Hello")]
    [InlineData("[Fwd: Re: Hello]", "Hello")]
    [InlineData("AW: WG: Hello", "Hello")]
    [InlineData("[only]", "[only]")]
    [InlineData("Regarding", "Regarding")]
    [InlineData("", "")]
    public void Base_subject(string subject, string expected) => Assert.Equal(expected, BaseSubject.Of(subject));

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("no header at all")]
    [InlineData(":\n\n")]
    [InlineData("Content-Type: multipart/mixed; boundary=\"\"\n\nx")]
    [InlineData("Content-Type: multipart/mixed\n\nx")]
    [InlineData("Content-Type: multipart/mixed; boundary=a\n\n--a--")]
    [InlineData("Content-Type: ;;;\nFrom: <<>>,,@\nTo: undisclosed-recipients:;\nDate: never\n\n\0")]
    [InlineData("From: =?x?q?=?=\nSubject: =?utf-8?b?////?=\n\n")]
    public void Nonsense_is_shown_and_never_thrown(string text)
    {
        var m = Parse(text);
        Assert.Equal(Encoding.UTF8.GetByteCount(text.ReplaceLineEndings("\r\n")), m.Size);
        Assert.NotNull(m.Structure.Type);
    }

    [Fact]
    public void Every_prefix_and_every_mutation_of_a_message_parses()
    {
        var raw = Encoding.UTF8.GetBytes("From: a@b\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\nContent-Type: message/rfc822\r\n\r\nSubject: s\r\n\r\nb\r\n--q--\r\n");
        var random = new Random(7);
        for (var i = 0; i <= raw.Length; i++)
        {
            Check(MessageParser.Parse(raw.AsMemory(0, i)), i);
            var mutated = (byte[])raw.Clone();
            for (var n = 0; n < 3; n++)
            {
                mutated[random.Next(raw.Length)] = (byte)random.Next(256);
            }

            Check(MessageParser.Parse(mutated.AsMemory()), raw.Length);
        }

        static void Check(ParsedMessage m, int size) => CheckPart(m.Structure, size);
    }

    private static void CheckPart(BodyPart part, int size)
    {
        Assert.InRange(part.BodyOffset, part.HeaderOffset, size);
        Assert.InRange(part.BodySize, 0, size - part.BodyOffset);
        foreach (var child in part.Parts ?? [])
        {
            CheckPart(child, size);
        }

        if (part.Message is { } inner)
        {
            CheckPart(inner, size);
        }
    }

    public static TheoryData<string> Bombs => ["deep", "parts", "headers", "addresses", "params", "boundaries"];

    [Theory]
    [MemberData(nameof(Bombs))]
    public void Bombs_cost_little_time(string kind)
    {
        var b = new StringBuilder();
        switch (kind)
        {
            case "deep":
                for (var i = 0; i < 20_000; i++)
                {
                    b.Append($"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n");
                }

                break;
            case "parts":
                b.Append("Content-Type: multipart/mixed; boundary=b\r\n\r\n").Insert(b.Length, "--b\r\n\r\n", 1_000_000);
                break;
            case "headers":
                b.Insert(0, "X: y\r\n", 1_000_000);
                break;
            case "addresses":
                b.Append("To: ").Insert(b.Length, "a@b, ", 1_000_000).Append("\r\n\r\n");
                break;
            case "params":
                b.Append("Content-Type: text/plain");
                for (var i = 0; i < 200_000; i++)
                {
                    b.Append($"; p*{i}*=x");
                }

                b.Append("\r\n\r\n");
                break;
            default:
                for (var i = 0; i < 99; i++)
                {
                    b.Append($"Content-Type: multipart/mixed; boundary=b{i:00}\r\n\r\n--b{i:00}\r\n");
                }

                b.Append("\r\n").Insert(b.Length, "--bxx\r\n", 1_000_000);
                break;
        }

        var raw = Encoding.ASCII.GetBytes(b.ToString());
        var watch = Stopwatch.StartNew();
        var m = MessageParser.Parse(raw.AsMemory());
        Assert.Equal(raw.Length, m.Size);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{kind} took {watch.Elapsed}");
    }

    [Fact]
    public void Extracted_text_is_decoded_and_html_loses_its_tags()
    {
        var raw = "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<style>x{}</style><p>Caf=E9 &amp; <b>bar</b></p><script>no</script>\r\n--b--\r\n";
        var m = Parse(raw);
        var text = MessageParser.ExtractText(new MemoryStream(Encoding.ASCII.GetBytes(raw)), m.Structure, 1000);
        Assert.Equal("Café & bar", text.Trim());
        Assert.Equal("Café & bar", m.Preview);
    }

    [Fact]
    public void The_published_samples_have_the_parts_that_their_authors_expect()
    {
        if (Environment.GetEnvironmentVariable("SUITES") is not { Length: > 0 } suites || !Directory.Exists(Path.Combine(suites, "mime")))
        {
            Assert.Skip("SUITES is not set.");
            return;
        }

        var different = new List<string>();
        var total = 0;
        foreach (var file in Directory.GetFiles(Path.Combine(suites, "mime"), "*.eml", SearchOption.AllDirectories))
        {
            var raw = File.ReadAllBytes(file);
            var m = MessageParser.Parse(raw.AsMemory());
            total++;
            using var expected = JsonDocument.Parse(File.ReadAllBytes(Path.ChangeExtension(file, ".json")));
            var part = expected.RootElement.GetProperty("parts")[0];
            var want = Count(expected.RootElement, part);
            var got = Count(m.Structure);
            if (want != got)
            {
                different.Add($"{Path.GetFileName(Path.GetDirectoryName(file))}/{Path.GetFileName(file)}: {got} parts, {want} expected");
            }
        }

        // What is left over is where we choose to show broken nesting otherwise; it may only shrink.
        Assert.True(different.Count <= total / 10, $"{different.Count} of {total}:\n" + string.Join('\n', different));
    }

    private static int Count(JsonElement message, JsonElement part)
    {
        var body = part.GetProperty("body");
        return body.ValueKind == JsonValueKind.Object && body.TryGetProperty("Multipart", out var children)
            ? 1 + children.EnumerateArray().Sum(i => Count(message, message.GetProperty("parts")[i.GetInt32()]))
            : 1;
    }

    private static int Count(BodyPart part) => 1 + (part.Parts ?? []).Sum(Count);
}
