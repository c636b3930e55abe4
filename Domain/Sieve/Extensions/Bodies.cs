using System.Text;
using SaaS.Domain.Messages;
using SaaS.Domain.Sieve.Matching;
using SaaS.Domain.Sieve.Syntax;

namespace SaaS.Domain.Sieve.Extensions;

/// <summary>body.</summary>
/// <remarks>RFC 5173. Match variables are not set (§6).</remarks>
internal static class Bodies
{
    private const int MaxParts = 200;

    public static SieveCondition Body(SieveCompiler compiler, SyntaxTest test)
    {
        var arguments = new SieveArguments(compiler, test, [.. Match.Tags, new("raw"), new("text"), new("content", TagValue.Texts)]);
        var match = Match.Read(compiler, arguments);
        var which = arguments.OneOf("raw", "text", "content");
        var types = arguments.TagTexts("content") ?? [];
        var keys = match.Check(arguments, arguments.Texts("the list of keys"));
        arguments.End();
        return m => match.Any(m, which switch
        {
            "raw" => [m.RawBody()],
            "content" => Content(m, [.. types.Select(t => t.Get(m))]),
            _ => Text(m),
        }, keys, setVariables: false);
    }

    private static IEnumerable<string> Text(SieveMachine machine) =>
        Leaves(machine.Content.Root).Where(p => p.Type == "text" && p.Disposition != "attachment").Take(MaxParts).Select(p => TextOf(machine, p));

    /// <summary>The text of a part as a person reads it.</summary>
    public static string TextOf(SieveMachine machine, BodyPart part)
    {
        var text = machine.DecodedText(part);
        return part.Subtype == "html" ? TextExtractor.StripHtml(text) : text;
    }

    private static IEnumerable<string> Content(SieveMachine machine, string[] types) =>
        Mime.WithChildren(machine.Content.Root).Where(p => Array.Exists(types, t => IsType(p, t))).Take(MaxParts).Select(p => ContentOf(machine, p));

    // RFC 5173 §5.2: "" is everything, "text" a type, "text/plain" a type with its subtype; what has more slashes is nothing.
    private static bool IsType(BodyPart part, string type)
    {
        var words = type.Split('/');
        return type.Length == 0
            || (words.Length == 1 && words[0].Equals(part.Type, StringComparison.OrdinalIgnoreCase))
            || (words.Length == 2 && words[0].Equals(part.Type, StringComparison.OrdinalIgnoreCase) && words[1].Equals(part.Subtype, StringComparison.OrdinalIgnoreCase));
    }

    // Of a multipart its prologue and epilogue, of a message its header.
    private static string ContentOf(SieveMachine machine, BodyPart part)
    {
        if (part.Message is { } inner)
        {
            return string.Concat(machine.FieldsOf(inner).Select(f => f.ToString()));
        }

        if (part.Parts is not { Count: > 0 } children)
        {
            return part.Type == "text" ? machine.DecodedText(part) : Encoding.Latin1.GetString(machine.Decoded(part));
        }

        using var raw = machine.Content.Source.OpenRead();
        var last = children[^1];
        return Slice(raw, part.BodyOffset, children[0].HeaderOffset) + Slice(raw, last.BodyOffset + last.BodySize, part.BodyOffset + part.BodySize);
    }

    private static string Slice(Stream raw, int from, int to)
    {
        var bytes = new byte[Math.Clamp(to - from, 0, 64 * 1024)];
        raw.Position = from;
        return Encoding.Latin1.GetString(bytes, 0, raw.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
    }

    private static IEnumerable<BodyPart> Leaves(BodyPart root) => Mime.WithChildren(root).Where(p => p.Parts is null && p.Message is null);
}
