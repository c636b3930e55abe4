using SaaS.Domain.Messages;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands.Fetch;

internal enum FetchKind
{
    Flags,
    Uid,
    ModSeq,
    InternalDate,
    Size,
    Envelope,
    Body,
    BodyStructure,
    Preview,
    EmailId,
    ThreadId,
    SaveDate,
    Section,
    Binary,
    BinarySize,
}

internal enum SectionText
{
    /// <summary>The part's octets.</summary>
    None,
    Header,
    HeaderFields,
    HeaderFieldsNot,
    Text,
    Mime,
}

/// <summary>One data item of FETCH.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Label">How the response names it.</param>
internal sealed record FetchItem(FetchKind Kind, string Label)
{
    /// <summary>Part numbers; empty: the message itself.</summary>
    public int[] Path { get; init; } = [];

    public SectionText Text { get; init; }

    public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>First octet and count of a partial fetch.</summary>
    public (long Offset, long Count)? Partial { get; init; }

    /// <summary>Sets \Seen (RFC 9051 §6.4.5).</summary>
    public bool SetsSeen { get; init; }

    public bool NeedsStructure => Kind is FetchKind.Body or FetchKind.BodyStructure or FetchKind.Binary or FetchKind.BinarySize
        || (Kind == FetchKind.Section && (Path.Length > 0 || Text == SectionText.Text));

    /// <summary>The message's own header block answers it.</summary>
    public bool NeedsHeader => Kind == FetchKind.Section && Path.Length == 0
        && Text is SectionText.Header or SectionText.HeaderFields or SectionText.HeaderFieldsNot;

    /// <summary>The index answers it.</summary>
    public bool IsNarrow => Kind is FetchKind.Flags or FetchKind.Uid or FetchKind.ModSeq or FetchKind.InternalDate or FetchKind.Size;

    /// <summary>The index and what was parsed at delivery answer it.</summary>
    public bool IsStored => IsNarrow || NeedsHeader || Kind is FetchKind.Envelope or FetchKind.Body or FetchKind.BodyStructure or FetchKind.Preview;

    /// <summary>What of the content it is answered from, the raw message aside.</summary>
    public ContentColumns Columns =>
        (Kind == FetchKind.Envelope ? ContentColumns.Envelope : 0) | (Kind == FetchKind.Preview ? ContentColumns.Preview : 0)
        | (NeedsStructure ? ContentColumns.Structure : 0) | (NeedsHeader ? ContentColumns.Header : 0);

    private const int MaxPath = 100;

    // fetch-att = "ENVELOPE" / "FLAGS" / "INTERNALDATE" / "RFC822.SIZE" / "BODY" ["STRUCTURE"] / "UID" /
    //   "BODY" [".PEEK"] section [partial] / "BINARY" [".PEEK"] section-binary [partial] / "BINARY.SIZE" section-binary
    public static FetchItem Parse(ref ImapReader r)
    {
        // "BODY[" is an atom up to its bracket, since "[" may stand in one; take letters, digits and points only.
        var name = Name(ref r);
        switch (name)
        {
            case "FLAGS":
                return new FetchItem(FetchKind.Flags, name);
            case "UID":
                return new FetchItem(FetchKind.Uid, name);
            case "MODSEQ":
                return new FetchItem(FetchKind.ModSeq, name);
            case "INTERNALDATE":
                return new FetchItem(FetchKind.InternalDate, name);
            case "RFC822.SIZE":
                return new FetchItem(FetchKind.Size, name);
            case "ENVELOPE":
                return new FetchItem(FetchKind.Envelope, name);
            case "BODYSTRUCTURE":
                return new FetchItem(FetchKind.BodyStructure, name);
            case "EMAILID":
                return new FetchItem(FetchKind.EmailId, name);
            case "THREADID":
                return new FetchItem(FetchKind.ThreadId, name);
            case "SAVEDATE":
                return new FetchItem(FetchKind.SaveDate, name);
            case "PREVIEW":
                return ParsePreview(ref r);
            case "RFC822":
                return new FetchItem(FetchKind.Section, name) { SetsSeen = true };
            case "RFC822.HEADER":
                return new FetchItem(FetchKind.Section, name) { Text = SectionText.Header };
            case "RFC822.TEXT":
                return new FetchItem(FetchKind.Section, name) { Text = SectionText.Text, SetsSeen = true };
            case "BODY" when r.Next != '[':
                return new FetchItem(FetchKind.Body, name);
            case "BODY" or "BODY.PEEK":
                return ParseSection(ref r, name == "BODY");
            case "BINARY" or "BINARY.PEEK" or "BINARY.SIZE":
                return ParseBinary(ref r, name);
            default:
                throw new ImapSyntaxException("Unknown data item.");
        }
    }

    private static string Name(ref ImapReader r)
    {
        var rest = r.Rest;
        var length = 0;
        while (length < rest.Length && (char.IsAsciiLetterOrDigit((char)rest[length]) || rest[length] == '.'))
        {
            length++;
        }

        var name = System.Text.Encoding.ASCII.GetString(rest[..length]).ToUpperInvariant();
        for (var i = 0; i < length; i++)
        {
            r.TryByte(rest[i]);
        }

        return name;
    }

    // fetch-att =/ "PREVIEW" [SP "(" preview-mod *(SP preview-mod) ")"]   RFC 8970 §6
    private static FetchItem ParsePreview(ref ImapReader r)
    {
        var look = r;
        if (look.TrySpace() && look.TryOpen())
        {
            if (!look.TryKeyword("LAZY"u8))
            {
                ImapReader.Fail("Unknown PREVIEW modifier.");
            }

            look.Close();
            r = look;
        }

        return new FetchItem(FetchKind.Preview, "PREVIEW");
    }

    // section = "[" [section-spec] "]";  section-spec = section-msgtext / (section-part ["." section-text])
    private static FetchItem ParseSection(ref ImapReader r, bool setsSeen)
    {
        r.Expect((byte)'[');
        var path = ParsePath(ref r, out var wantsText);
        var text = SectionText.None;
        var label = string.Join('.', path);
        IReadOnlyList<string> fields = [];
        if (wantsText)
        {
            var name = Name(ref r);
            text = name switch
            {
                "HEADER" => SectionText.Header,
                "HEADER.FIELDS" => SectionText.HeaderFields,
                "HEADER.FIELDS.NOT" => SectionText.HeaderFieldsNot,
                "TEXT" => SectionText.Text,
                "MIME" when path.Length > 0 => SectionText.Mime,
                _ => throw new ImapSyntaxException("Unknown section."),
            };
            label += (path.Length > 0 ? "." : "") + name;
            if (text is SectionText.HeaderFields or SectionText.HeaderFieldsNot)
            {
                r.Space();
                fields = ParseFields(ref r);
                label += " (" + string.Join(' ', fields.Select(Quote)) + ")";
            }
        }

        r.Expect((byte)']');
        var partial = ParsePartial(ref r);
        return new FetchItem(FetchKind.Section, $"BODY[{label}]" + Origin(partial))
        {
            Path = path,
            Text = text,
            Fields = fields,
            Partial = partial,
            SetsSeen = setsSeen,
        };
    }

    // section-binary = "[" [section-part] "]"
    private static FetchItem ParseBinary(ref ImapReader r, string name)
    {
        r.Expect((byte)'[');
        var path = ParsePath(ref r, out var wantsText);
        if (wantsText)
        {
            ImapReader.Fail("BINARY takes part numbers only.");
        }

        r.Expect((byte)']');
        var size = name == "BINARY.SIZE";
        var partial = size ? null : ParsePartial(ref r);
        return new FetchItem(size ? FetchKind.BinarySize : FetchKind.Binary, (size ? name : "BINARY") + $"[{string.Join('.', path)}]" + Origin(partial))
        {
            Path = path,
            Partial = partial,
            SetsSeen = name == "BINARY",
        };
    }

    private static int[] ParsePath(ref ImapReader r, out bool wantsText)
    {
        var path = new List<int>();
        while (char.IsAsciiDigit((char)r.Next))
        {
            if (path.Count == MaxPath)
            {
                ImapReader.Fail("Part numbers nested too deep.");
            }

            path.Add((int)Math.Min(r.NzNumber(), int.MaxValue));
            if (!r.TryByte((byte)'.'))
            {
                wantsText = false;
                return [.. path];
            }
        }

        wantsText = r.Next != ']';
        return path.Count > 0 && !wantsText ? throw new ImapSyntaxException("Unknown section.") : [.. path];
    }

    // header-list = "(" header-fld-name *(SP header-fld-name) ")"
    private static List<string> ParseFields(ref ImapReader r)
    {
        var fields = new List<string>();
        r.Open();
        do
        {
            fields.Add(r.AString());
        }
        while (r.TrySpace());
        r.Close();
        return fields;
    }

    // partial = "<" number64 "." nz-number64 ">"
    private static (long, long)? ParsePartial(ref ImapReader r)
    {
        if (!r.TryByte((byte)'<'))
        {
            return null;
        }

        var offset = r.Number64();
        r.Expect((byte)'.');
        var count = r.Number64();
        r.Expect((byte)'>');
        return count > 0 ? (offset, count) : throw new ImapSyntaxException("Zero is not allowed here.");
    }

    private static string Origin((long Offset, long)? partial) => partial is { } p ? $"<{p.Offset}>" : "";

    // What the client sent goes back to it, so it must not be able to break out.
    private static string Quote(string field) => field.Length > 0 && field.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
        ? field.ToUpperInvariant()
        : "\"" + new string([.. field.Where(c => c is >= ' ' and <= '~' and not ('"' or '\\'))]) + "\"";
}
