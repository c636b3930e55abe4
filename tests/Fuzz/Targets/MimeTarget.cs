using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using SaaS.Domain.Messages;
using SaaS.MailHost.Imap.Commands.Fetch;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.Fuzz.Targets;

/// <summary>A message from its octets to ENVELOPE, BODYSTRUCTURE and text.</summary>
internal sealed class MimeTarget : Target
{
    public override string Name => "mime";

    public override IReadOnlyList<byte[]> Words => Corpus.WordsOf(Seeds());

    public override IEnumerable<byte[]> Seeds() =>
    [
        "From: a@b\r\nSubject: x\r\n\r\nbody\r\n"u8.ToArray(),
        "From: =?utf-8?q?Z=C3=B6?= <a@b>\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\n\r\none\r\n--q\r\nContent-Type: image/png; name*=utf-8''%C3%A4.png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--q--\r\n"u8.ToArray(),
        "Content-Type: multipart/alternative; boundary=\"a b\"\r\n\r\n--a b\r\nContent-Type: text/plain; charset=iso-8859-15\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=A4 =\r\nx\r\n--a b\r\nContent-Type: text/html\r\n\r\n<p>x<script>y</script>&amp;\r\n--a b--\r\n"u8.ToArray(),
        "Content-Type: message/rfc822\r\n\r\nContent-Type: multipart/digest; boundary=z\r\n\r\n--z\r\n\r\nSubject: inner\r\n\r\nx\r\n--z--"u8.ToArray(),
        "Content-Type: text/plain; a*0=x; a*1*=%20y; a*2=\"z\\\"\"; charset=utf-7\r\nContent-Disposition: attachment; filename=\"\\\\x\"\r\nContent-Language: de, en\r\nContent-MD5: x\r\nContent-Location: y\r\n\r\n+AGE-\r\n"u8.ToArray(),
        "To: group: a@b, \"c d\" <e@f>;, <@r:g@h>, (comment (nested)) i@[1.2.3.4]\r\nReply-To: undisclosed-recipients:;\r\nDate: Thu, 32 Foo 99999 25:61:61 +9999 (x)\r\nReferences: <a@b> <c d@e>\r\nX: begin 644 f\r\n\r\nbegin 644 f\r\n#86)C\r\n`\r\nend\r\n"u8.ToArray(),
    ];

    public override async Task RunAsync(byte[] input)
    {
        var parsed = MessageParser.Parse(input.AsMemory());
        Check(parsed.Structure, input.Length);
        using (var stream = new MemoryStream(input))
        {
            Promise.That(TextExtractor.Extract(stream, parsed.Structure, 10_000).Length <= 10_000, "more text than asked for");
        }

        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var w = new ImapWriter(pipe.Writer);
        w.Raw("* 1 FETCH (ENVELOPE "u8);
        EnvelopeJson.Write(w, JsonSerializer.SerializeToUtf8Bytes(parsed.Envelope, MessageJson.Default.MessageEnvelope));
        w.Raw(" BODYSTRUCTURE "u8);
        StructureWriter.Body(w, parsed.Structure, extended: true);
        w.Raw(" BODY "u8);
        StructureWriter.Body(w, parsed.Structure, extended: false);
        w.Raw(")\r\n"u8);
        await w.FlushAsync(CancellationToken.None);
        await pipe.Writer.CompleteAsync();
        var all = new MemoryStream();
        await pipe.Reader.CopyToAsync(all);
        ImapForm.Check(Encoding.Latin1.GetString(all.ToArray()));
    }

    private static void Check(BodyPart part, int size)
    {
        Promise.That(part.HeaderOffset >= 0 && part.BodyOffset >= part.HeaderOffset && part.BodySize >= 0 && part.BodyOffset + part.BodySize <= size, "a part lies outside of its message");
        foreach (var child in part.Parts ?? [])
        {
            Check(child, size);
        }
    }
}
