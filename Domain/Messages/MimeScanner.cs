using System.Text;
using MimeKit;

namespace SaaS.Domain.Messages;

/// <summary>Where a header field stands in the raw message: its name, and its value with folds.</summary>
internal readonly record struct HeaderField(int NameStart, int NameLength, int ValueStart, int ValueLength);

/// <summary>
/// One pass over a message that finds its parts and their places (RFC 2045, 2046). Any boundary of an enclosing multipart ends what is
/// inside it, so the work is linear in the size however the parts are nested.
/// </summary>
internal ref struct MimeScanner(ReadOnlySpan<byte> raw, ParseLimits limits)
{
    private static readonly ParserOptions Lenient = new() { CharsetEncoding = Encoding.Latin1, ParameterComplianceMode = RfcComplianceMode.Loose };

    private readonly ReadOnlySpan<byte> _raw = raw;
    private readonly List<byte[]> _boundaries = [];
    private int _pos;
    private int _parts;
    private int _headerBytes;

    public List<HeaderField> RootFields { get; private set; } = [];
    public int ReceivedCount { get; private set; }
    public bool Truncated { get; private set; }

    /// <summary>Which boundary ended a part: its place in the stack, -1 for the end of the message.</summary>
    private readonly record struct Ending(int Boundary, bool Closes);

    public BodyPart Scan()
    {
        var part = ScanEntity("text", "plain", 0, isMessage: true, out _, out var fields);
        RootFields = fields;
        foreach (var field in fields)
        {
            if (Is(field, "received"u8))
            {
                ReceivedCount++;
            }
        }

        return part;
    }

    private BodyPart ScanEntity(
        string defaultType, string defaultSubtype, int depth, bool isMessage, out Ending ending, out List<HeaderField> fields)
    {
        var start = _pos;
        _parts++;
        fields = ReadHeaders();
        var head = ReadHead(fields, defaultType, defaultSubtype);
        var bodyStart = _pos;

        if (head.Type == "multipart" && head.Boundary is { Length: > 0 } boundary && depth < limits.MaxDepth)
        {
            return ScanMultipart(head, boundary, start, bodyStart, depth, out ending);
        }

        if (head.Type == "message" && head.Subtype is "rfc822" or "global" && head.Encoding is "7bit" or "8bit" or "binary"
            && depth < limits.MaxDepth && _parts < limits.MaxParts)
        {
            var inner = ScanEntity("text", "plain", depth + 1, isMessage: true, out ending, out var innerFields);
            var end = inner.BodyOffset + inner.BodySize;
            return head.ToPart(start, bodyStart, end - bodyStart, Lines(bodyStart, end)) with
            {
                Message = inner,
                MessageEnvelope = EnvelopeReader.Read(_raw, innerFields, limits),
            };
        }

        if (head.Type == "multipart")
        {
            // Without a boundary, or too deep to follow: its bytes are all that can be shown.
            Truncated |= depth >= limits.MaxDepth;
            head = head with { Type = isMessage && depth == 0 ? "text" : "application", Subtype = isMessage && depth == 0 ? "plain" : "octet-stream" };
        }

        var bodyEnd = SkipToBoundary(bodyStart, out ending);
        return head.ToPart(start, bodyStart, bodyEnd - bodyStart, head.Type is "text" or "message" ? Lines(bodyStart, bodyEnd) : 0) with
        {
            DecodedSize = Decoded(head.Encoding, _raw[bodyStart..Math.Max(bodyStart, bodyEnd)]),
        };
    }

    /// <summary>Octets of a body once decoded, by counting: nothing is decoded for it. Null where the encoding changes nothing.</summary>
    private static int? Decoded(string encoding, ReadOnlySpan<byte> body)
    {
        switch (encoding)
        {
            case "base64":
                var characters = body.Length - body.Count((byte)'\n') - body.Count((byte)'\r') - body.Count((byte)'=') - body.Count((byte)' ');
                return (int)(characters * 3L / 4);
            case "quoted-printable":
                // "=3D" is one octet, "=" at a line's end none.
                var size = body.Length;
                for (int at; (at = body.IndexOf((byte)'=')) >= 0; body = body[(at + 1)..])
                {
                    var soft = at + 1 >= body.Length || body[at + 1] is (byte)'\r' or (byte)'\n';
                    size -= soft ? Math.Min(3, body.Length - at) : 2;
                }

                return Math.Max(0, size);
            default:
                return null;
        }
    }

    private BodyPart ScanMultipart(Head head, string boundary, int start, int bodyStart, int depth, out Ending ending)
    {
        var own = _boundaries.Count;
        _boundaries.Add(Encoding.Latin1.GetBytes(boundary));
        var children = new List<BodyPart>();
        var end = SkipToBoundary(bodyStart, out ending);
        var (type, subtype) = head.Subtype == "digest" ? ("message", "rfc822") : ("text", "plain");
        while (ending.Boundary == own && !ending.Closes)
        {
            if (_parts >= limits.MaxParts || _headerBytes >= limits.MaxAllHeaderBytes)
            {
                Truncated = true;
                var rest = _pos;
                _pos = end = _raw.Length;
                ending = new Ending(-1, false);
                children.Add(new BodyPart { Type = "application", Subtype = "octet-stream", HeaderOffset = rest, BodyOffset = rest, BodySize = end - rest });
                break;
            }

            var child = ScanEntity(type, subtype, depth + 1, isMessage: false, out ending, out _);
            children.Add(child);
            end = child.BodyOffset + child.BodySize;
        }

        if (ending.Boundary == own)
        {
            // The epilogue belongs to this part's body.
            _boundaries.RemoveAt(own);
            end = SkipToBoundary(bodyStart, out ending);
        }
        else
        {
            _boundaries.RemoveRange(own, _boundaries.Count - own);
        }

        if (children.Count == 0)
        {
            children.Add(new BodyPart { Type = "text", Subtype = "plain", HeaderOffset = end, BodyOffset = end });
        }

        return head.ToPart(start, bodyStart, end - bodyStart, 0) with { Parts = children };
    }

    /// <summary>Moves behind the next boundary line of any open multipart; returns where the body before it ends: the CRLF before a boundary is the boundary's,
    /// but never one before <paramref name="floor"/>.</summary>
    private int SkipToBoundary(int floor, out Ending ending)
    {
        if (_boundaries.Count == 0)
        {
            ending = new Ending(-1, false);
            _pos = _raw.Length;
            return _pos;
        }

        var at = _pos;
        while (at < _raw.Length)
        {
            if (!_raw[at..].StartsWith("--"u8))
            {
                var next = _raw[at..].IndexOf("\n--"u8);
                if (next < 0)
                {
                    break;
                }

                at += next + 1;
            }

            var lineEnd = _raw[at..].IndexOf((byte)'\n');
            lineEnd = lineEnd < 0 ? _raw.Length : at + lineEnd;
            if (Match(_raw[(at + 2)..lineEnd]) is { } found)
            {
                ending = found;
                _pos = Math.Min(lineEnd + 1, _raw.Length);
                var end = at;
                if (end > floor && _raw[end - 1] == '\n')
                {
                    end--;
                    if (end > floor && _raw[end - 1] == '\r')
                    {
                        end--;
                    }
                }

                return end;
            }

            at = lineEnd + 1;
        }

        ending = new Ending(-1, false);
        _pos = _raw.Length;
        return _pos;
    }

    private readonly Ending? Match(ReadOnlySpan<byte> line)
    {
        line = line.TrimEnd(" \t\r"u8);
        for (var i = _boundaries.Count - 1; i >= 0; i--)
        {
            var boundary = _boundaries[i];
            if (line.Length == boundary.Length && line.SequenceEqual(boundary))
            {
                return new Ending(i, false);
            }

            if (line.Length == boundary.Length + 2 && line.EndsWith("--"u8) && line[..^2].SequenceEqual(boundary))
            {
                return new Ending(i, true);
            }
        }

        return null;
    }

    /// <summary>Reads fields up to and over the blank line. A line that is no field and no fold is passed over.</summary>
    private List<HeaderField> ReadHeaders()
    {
        var fields = new List<HeaderField>();
        var start = _pos;
        var limit = Math.Min(_raw.Length, start + Math.Min(limits.MaxHeaderBytes, Math.Max(0, limits.MaxAllHeaderBytes - _headerBytes)));
        while (_pos < limit)
        {
            var lineEnd = _raw[_pos..].IndexOf((byte)'\n');
            lineEnd = lineEnd < 0 ? _raw.Length : _pos + lineEnd + 1;
            var line = _raw[_pos..lineEnd];
            if (line is [(byte)'\n'] or [(byte)'\r', (byte)'\n'])
            {
                _pos = lineEnd;
                break;
            }

            // A boundary inside a header block: the part has no body (and no blank line).
            if (_boundaries.Count > 0 && line.StartsWith("--"u8) && Match(line[2..].TrimEnd("\r\n"u8)) is not null)
            {
                break;
            }

            if (line[0] is (byte)' ' or (byte)'\t')
            {
                if (fields.Count > 0)
                {
                    fields[^1] = fields[^1] with { ValueLength = lineEnd - fields[^1].ValueStart };
                }
            }
            else if (line.IndexOf((byte)':') is var colon and > 0)
            {
                fields.Add(new HeaderField(_pos, line[..colon].TrimEnd(" \t"u8).Length, _pos + colon + 1, line.Length - colon - 1));
            }

            _pos = lineEnd;
        }

        Truncated |= _pos >= limit && limit < _raw.Length;
        _headerBytes += _pos - start;
        return fields;
    }

    private readonly bool Is(HeaderField field, ReadOnlySpan<byte> name) =>
        Ascii.EqualsIgnoreCase(_raw.Slice(field.NameStart, field.NameLength), name);

    // Ends of lines, as other servers count: the end of the last may belong to the boundary.
    private readonly int Lines(int from, int to) => _raw[from..Math.Max(from, to)].Count((byte)'\n');

    /// <summary>What a part's own header says of it.</summary>
    private sealed record Head(
        string Type, string Subtype, string? Boundary, IReadOnlyList<PartParameter>? Parameters, string? ContentId, string? Description,
        string Encoding, string? Disposition, IReadOnlyList<PartParameter>? DispositionParameters, IReadOnlyList<string>? Languages,
        string? Location, string? Md5)
    {
        public BodyPart ToPart(int headerOffset, int bodyOffset, int bodySize, int lines) => new()
        {
            Type = Type,
            Subtype = Subtype,
            Parameters = Parameters,
            ContentId = ContentId,
            Description = Description,
            Encoding = Encoding,
            Disposition = Disposition,
            DispositionParameters = DispositionParameters,
            Languages = Languages,
            Location = Location,
            Md5 = Md5,
            HeaderOffset = headerOffset,
            BodyOffset = bodyOffset,
            BodySize = Math.Max(0, bodySize),
            Lines = lines,
        };
    }

    private readonly Head ReadHead(List<HeaderField> fields, string type, string subtype)
    {
        string? boundary = null, id = null, description = null, disposition = null, location = null, md5 = null;
        IReadOnlyList<PartParameter>? parameters = null, dispositionParameters = null;
        IReadOnlyList<string>? languages = null;
        var encoding = "7bit";
        var typed = false;
        foreach (var field in fields)
        {
            if (field.NameLength < 8 || !Ascii.EqualsIgnoreCase(_raw.Slice(field.NameStart, 8), "content-"u8))
            {
                continue;
            }

            if (Is(field, "content-type"u8) && !typed)
            {
                typed = true;
                (type, subtype, parameters, boundary) = ReadContentType(field, type, subtype);
            }
            else if (Is(field, "content-transfer-encoding"u8))
            {
                encoding = Token(Text(field)).ToLowerInvariant() is { Length: > 0 } e ? e : "7bit";
            }
            else if (Is(field, "content-disposition"u8) && disposition is null)
            {
                (disposition, dispositionParameters) = ReadDisposition(field);
            }
            else if (Is(field, "content-id"u8))
            {
                id = NullIfEmpty(Text(field));
            }
            else if (Is(field, "content-description"u8))
            {
                description = NullIfEmpty(EnvelopeReader.Decode(_raw, field, limits));
            }
            else if (Is(field, "content-language"u8))
            {
                var list = Text(field).Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Take(20).ToList();
                languages = list.Count > 0 ? list : null;
            }
            else if (Is(field, "content-location"u8))
            {
                location = NullIfEmpty(Text(field));
            }
            else if (Is(field, "content-md5"u8))
            {
                md5 = NullIfEmpty(Text(field));
            }
        }

        return new Head(type, subtype, boundary, parameters, id, description, encoding, disposition, dispositionParameters, languages, location, md5);
    }

    private readonly (string Type, string Subtype, IReadOnlyList<PartParameter>? Parameters, string? Boundary) ReadContentType(
        HeaderField field, string type, string subtype)
    {
        var value = Bytes(field);
        if (!ContentType.TryParse(Lenient, value, out var parsed))
        {
            // "text" alone, or nonsense (RFC 2045 §5.2).
            return (type, subtype, null, null);
        }

        var parameters = Parameters(parsed.Parameters);
        var boundary = parsed.Boundary;
        return (
            Clean(parsed.MediaType) is { Length: > 0 } t ? t : type,
            Clean(parsed.MediaSubtype) is { Length: > 0 } s ? s : subtype,
            parameters,
            boundary is { Length: <= 1000 } ? boundary : null);
    }

    private readonly (string? Disposition, IReadOnlyList<PartParameter>? Parameters) ReadDisposition(HeaderField field) =>
        ContentDisposition.TryParse(Lenient, Bytes(field), out var parsed)
            ? (Clean(parsed.Disposition), Parameters(parsed.Parameters))
            : (NullIfEmpty(Token(Text(field)).ToLowerInvariant()), null);

    private readonly List<PartParameter>? Parameters(ParameterList list)
    {
        if (list.Count == 0)
        {
            return null;
        }

        var parameters = new List<PartParameter>(list.Count);
        foreach (var p in list.Take(limits.MaxParameters))
        {
            parameters.Add(new PartParameter(Clean(p.Name), EnvelopeReader.Visible(p.Value ?? "")));
        }

        return parameters;
    }

    private readonly byte[] Bytes(HeaderField field) =>
        _raw.Slice(field.ValueStart, Math.Min(field.ValueLength, limits.MaxFieldBytes)).ToArray();

    private readonly string Text(HeaderField field) => EnvelopeReader.Unfold(_raw, field, limits);

    private static string Token(string text)
    {
        var end = text.AsSpan().IndexOfAny(" \t;(");
        return end < 0 ? text : text[..end];
    }

    /// <summary>Lower case, without what could not stand in a protocol line.</summary>
    private static string Clean(string? token) =>
        string.Concat((token ?? "").Where(c => c > ' ' && c < 127 && c is not ('"' or '\\'))).ToLowerInvariant();

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
