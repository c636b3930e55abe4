using System.Globalization;
using System.Text;
using SaaS.Domain.Sieve.Matching;
using SaaS.Domain.Sieve.Syntax;

namespace SaaS.Domain.Sieve.Extensions;

/// <summary>set and string.</summary>
/// <remarks>RFC 5229 §4, §5; :encodeurl RFC 5435 §6; :quoteregex draft-ietf-sieve-regex §3.</remarks>
internal static class Variables
{
    /// <summary>Modifiers by precedence: the higher is applied first, two of one rank exclude each other (RFC 5229 §4.1).</summary>
    public static readonly TagSpec[] Modifiers =
    [
        new("lower"), new("upper"), new("lowerfirst"), new("upperfirst"), new("quotewildcard"), new("quoteregex", TagValue.None, "regex"),
        new("encodeurl", TagValue.None, "enotify"), new("length"),
    ];

    public static SieveStep Set(SieveCompiler compiler, SyntaxCommand command)
    {
        var arguments = new SieveArguments(compiler, command, Modifiers);
        var modify = Modifier(arguments);
        var name = Name(arguments, arguments.Text("the variable"), allowNamespace: true);
        var value = arguments.Text("the value");
        arguments.End();
        return m => m.SetVariable(name, modify(value.Get(m)));
    }

    public static SieveCondition String(SieveCompiler compiler, SyntaxTest test)
    {
        var arguments = new SieveArguments(compiler, test, Match.Tags);
        var match = Match.Read(compiler, arguments);
        var values = arguments.Texts("the list of strings");
        var keys = match.Check(arguments, arguments.Texts("the list of keys"));
        arguments.End();

        // An empty string does not count (RFC 5229 §5).
        return m => match.Any(m, values.Select(v => v.Get(m)).Where(v => match.Type != MatchKind.Count || v.Length > 0), keys);
    }

    /// <summary>The constant name of a variable, lower case.</summary>
    public static string Name(SieveArguments arguments, SieveText text, bool allowNamespace)
    {
        if (text.Constant is not { } name || !SieveText.IsVariableName(name, allowNamespace))
        {
            throw arguments.Wrong(text.Line, $"\"{text.Constant}\" is not the name of a variable");
        }

        var lower = name.ToLowerInvariant();
        return !lower.Contains('.', StringComparison.Ordinal) || lower.StartsWith("global.", StringComparison.Ordinal)
            ? lower
            : throw arguments.Wrong(text.Line, $"the variable \"{name}\" cannot be set");
    }

    public static Func<string, string> Modifier(SieveArguments arguments)
    {
        var letters = arguments.OneOf("lower", "upper");
        var first = arguments.OneOf("lowerfirst", "upperfirst");
        var quote = arguments.OneOf("quotewildcard", "quoteregex");
        var url = arguments.Has("encodeurl");
        var length = arguments.Has("length");
        return text =>
        {
            text = letters switch { "lower" => text.ToLowerInvariant(), "upper" => text.ToUpperInvariant(), _ => text };
            if (text.Length > 0)
            {
                text = first switch
                {
                    "lowerfirst" => char.ToLowerInvariant(text[0]) + text[1..],
                    "upperfirst" => char.ToUpperInvariant(text[0]) + text[1..],
                    _ => text,
                };
            }

            text = quote switch
            {
                "quotewildcard" => Escape(text, "*?\\"),
                "quoteregex" => Escape(text, ".^$*+?()[]{}|\\"),
                _ => text,
            };
            text = url ? Uri.EscapeDataString(text) : text;
            return length ? text.EnumerateRunes().Count().ToString(CultureInfo.InvariantCulture) : text;
        };
    }

    private static string Escape(string text, string special)
    {
        var b = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            if (special.Contains(c, StringComparison.Ordinal))
            {
                b.Append('\\');
            }

            b.Append(c);
        }

        return b.ToString();
    }
}
