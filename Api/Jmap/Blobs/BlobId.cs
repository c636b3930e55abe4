using System.Globalization;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;

namespace SaaS.Api.Jmap.Blobs;

/// <summary>
/// What a blob id names: "C12" a whole message; "C12-340-1200-b" the part of it whose body stands there, with its transfer encoding
/// (b base64, q quoted-printable, u uuencode, n none); "V7-12" a Sieve script as it stood at a modseq; "U" and a SHA-256 an upload. Ids hold no secret: each is looked up in the caller's account.
/// </summary>
internal abstract record BlobId
{
    private static readonly System.Buffers.SearchValues<char> Hex = System.Buffers.SearchValues.Create("0123456789abcdef");

    private BlobId() { }

    public sealed record WholeMessage(ContentId Content) : BlobId;

    public sealed record MessagePart(ContentId Content, int Offset, int Size, char Encoding) : BlobId;

    /// <summary>A script as it stood at a modseq.</summary>
    public sealed record Script(long Id, long ModSeq) : BlobId;

    public sealed record Uploaded(string Hash) : BlobId
    {
        public byte[] Bytes => Convert.FromHexString(Hash);
    }

    public static string Of(ContentId content) => string.Create(CultureInfo.InvariantCulture, $"C{content.Value}");

    public static string Of(ContentId content, BodyPart part) =>
        string.Create(CultureInfo.InvariantCulture, $"C{content.Value}-{part.BodyOffset}-{part.BodySize}-{EncodingOf(part)}");

    public static string OfUpload(byte[] hash) => "U" + Convert.ToHexStringLower(hash);

    public static string OfScript(long id, long modSeq) => string.Create(CultureInfo.InvariantCulture, $"V{id}-{modSeq}");

    public static BlobId? Parse(string? text)
    {
        if (text is null or { Length: < 2 or > 80 })
        {
            return null;
        }

        if (text[0] == 'U')
        {
            return text.Length == 65 && text.AsSpan(1).IndexOfAnyExcept(Hex) < 0 ? new Uploaded(text[1..]) : null;
        }

        var pieces = text[1..].Split('-');
        if (text[0] == 'V')
        {
            return pieces is [var id, var at] && Number(id, long.MaxValue, out var script) && Number(at, long.MaxValue, out var modSeq)
                ? new Script(script, modSeq) : null;
        }

        if (text[0] != 'C' || !Number(pieces[0], long.MaxValue, out var content))
        {
            return null;
        }

        return pieces switch
        {
            [_] => new WholeMessage(new ContentId(content)),
            [_, var offset, var size, [var encoding]] when "bqun".Contains(encoding, StringComparison.Ordinal)
                && Number(offset, int.MaxValue, out var o) && Number(size, int.MaxValue, out var s) =>
                new MessagePart(new ContentId(content), (int)o, (int)s, encoding),
            _ => null,
        };
    }

    public static char EncodingOf(BodyPart part) => part.IsMultipart ? 'n' : part.Encoding switch
    {
        "base64" => 'b',
        "quoted-printable" => 'q',
        "x-uuencode" or "uuencode" or "x-uue" => 'u',
        _ => 'n',
    };

    private static bool Number(string text, long max, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= max;
}
