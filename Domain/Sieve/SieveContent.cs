using System.Text;
using SaaS.Domain.Messages;

namespace SaaS.Domain.Sieve;

/// <summary>A message as a script has it now: the original, or with edited fields and replaced parts. Never changes: an edit makes another one.</summary>
public sealed class SieveContent
{
    private readonly IReadOnlyList<Splice> _splices;
    private readonly bool _fieldsEdited;

    private SieveContent(
        MessageBytes source, BodyPart root, IReadOnlyList<SieveField> fields, bool fieldsEdited, IReadOnlyList<Splice> splices, bool whole) =>
        (Source, Root, Fields, _fieldsEdited, _splices, Whole) = (source, root, fields, fieldsEdited, splices, whole);

    /// <summary>What replaces the octets from Start to End.</summary>
    private sealed record Splice(int Start, int End, byte[] Bytes);

    public MessageBytes Source { get; }
    internal BodyPart Root { get; }
    internal IReadOnlyList<SieveField> Fields { get; }

    /// <summary>The source has the fields of this delivery in it: nothing is to be put in front.</summary>
    private bool Whole { get; }

    /// <summary>Nothing was changed.</summary>
    public bool IsOriginal => !_fieldsEdited && _splices.Count == 0 && !Whole;

    internal static SieveContent Of(SieveContext context)
    {
        var header = new byte[context.Parsed.HeaderSize];
        using (var stream = context.Message.OpenRead())
        {
            stream.ReadExactly(header);
        }

        SieveField[] fields = [.. Parse(context.Prepend.Span), .. Parse(header)];
        return new SieveContent(context.Message, context.Parsed.Structure, fields, false, [], whole: false);
    }

    private static IEnumerable<SieveField> Parse(ReadOnlySpan<byte> block) => HeaderBlock.Parse(block).Select(f => new SieveField(f.Name, f.Raw));

    internal static IEnumerable<SieveField> PartFields(byte[] block) => Parse(block);

    internal SieveContent WithFields(IReadOnlyList<SieveField> fields) => new(Source, Root, fields, true, _splices, Whole);

    /// <summary>With <paramref name="part"/> as another entity (header block, blank line, body).</summary>
    internal SieveContent WithPart(BodyPart part, byte[] entity)
    {
        if (ReferenceEquals(part, Root))
        {
            // The message's own fields stay, its content fields are the entity's (RFC 5703 §5).
            var split = entity.AsSpan().IndexOf("\r\n\r\n"u8);
            var head = split < 0 ? [] : entity.AsSpan(0, split + 2);
            var body = split < 0 ? entity.AsSpan() : entity.AsSpan(split + 4);
            SieveField[] fields =
            [
                .. Fields.Where(f => !f.Name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)
                    && !f.Name.Equals("MIME-Version", StringComparison.OrdinalIgnoreCase)),
                new("MIME-Version", " 1.0"),
                .. Parse(head),
            ];
            return new SieveContent(Source, Root, fields, true, [new Splice(Root.BodyOffset, (int)Source.Length, body.ToArray())], Whole);
        }

        var start = part.HeaderOffset;
        var end = part.BodyOffset + part.BodySize;
        return new SieveContent(
            Source, Root, Fields, _fieldsEdited,
            [.. _splices.Where(s => s.End <= start || s.Start >= end), new Splice(start, end, entity)], Whole);
    }

    /// <summary>A whole message in the place of this one; it must hold every field.</summary>
    internal static SieveContent Replaced(MessageBytes bytes)
    {
        var parsed = MessageParser.Parse(bytes);
        var header = new byte[parsed.HeaderSize];
        using (var stream = bytes.OpenRead())
        {
            stream.ReadExactly(header);
        }

        return new SieveContent(bytes, parsed.Structure, [.. Parse(header)], false, [], whole: true);
    }

    /// <summary>The message as it is to be stored or sent, fields of this delivery included. The caller disposes.</summary>
    /// <param name="forSending">Without Return-Path, which the next host writes.</param>
    public MessageBytes Render(bool forSending)
    {
        var result = new MessageBytes();
        foreach (var field in Fields.Where(f => !forSending || !f.Is("Return-Path")))
        {
            result.Write(Encoding.UTF8.GetBytes(field.ToString()));
        }

        result.Write("\r\n"u8);
        using var stream = Source.OpenRead();
        var at = Root.BodyOffset;
        foreach (var splice in _splices.OrderBy(s => s.Start))
        {
            Copy(stream, at, splice.Start, result);
            result.Write(splice.Bytes);
            at = splice.End;
        }

        Copy(stream, at, (int)Source.Length, result);
        return result;
    }

    private static void Copy(Stream source, int from, int to, MessageBytes target)
    {
        source.Position = Math.Min(from, source.Length);
        var buffer = new byte[16 * 1024];
        for (var left = to - from; left > 0;)
        {
            var read = source.Read(buffer, 0, Math.Min(left, buffer.Length));
            if (read == 0)
            {
                return;
            }

            target.Write(buffer.AsSpan(0, read));
            left -= read;
        }
    }
}

/// <summary>One header field; Raw is all behind the colon, with its folds.</summary>
internal sealed record SieveField(string Name, string Raw)
{
    private string? _text;

    /// <summary>Unfolded, decoded, trimmed.</summary>
    public string Text => _text ??= HeaderBlock.Decode(Raw);

    /// <summary>Unfolded and trimmed, encoded words as they are.</summary>
    public string Plain => Raw.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal).Trim();

    public bool Is(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    public override string ToString() => $"{Name}:{Raw}\r\n";
}
