using System.Globalization;
using System.Text;

namespace SaaS.MailHost.MailAuth.Spf;

/// <summary>Macro strings (RFC 7208 §7).</summary>
internal static class SpfMacro
{
    private const string Letters = "slodiphv";
    private const string ExplanationLetters = "crt";
    private const string Delimiters = ".-+,/_=";
    private const int MaxExpanded = 4096;

    /// <summary>Checks the syntax of a domain-spec or modifier. True where it ends in a macro that expands to a part of a name.</summary>
    public static bool Check(string text)
    {
        var last = false;
        for (var at = 0; at < text.Length;)
        {
            last = false;
            if (text[at] != '%')
            {
                // macro-literal = %x21-24 / %x26-7E
                if (text[at] is < '!' or > '~')
                {
                    throw new SpfSyntaxException("a character outside of printable ASCII");
                }

                at++;
                continue;
            }

            last = Next(text, ref at, Letters).Letter != '\0';
        }

        return text.Length == 0 ? throw Bad(text) : last;
    }

    /// <summary>Expands; each letter's value comes from <paramref name="value"/>.</summary>
    /// <exception cref="SpfSyntaxException">The text is not in the grammar.</exception>
    public static async ValueTask<string> ExpandAsync(string text, bool explanation, Func<char, ValueTask<string>> value)
    {
        var result = new StringBuilder();
        for (var at = 0; at < text.Length && result.Length < MaxExpanded;)
        {
            if (text[at] != '%')
            {
                if (text[at] is > '~' or < ' ' || (text[at] == ' ' && !explanation))
                {
                    throw new SpfSyntaxException("a character outside of printable ASCII");
                }

                result.Append(text[at++]);
                continue;
            }

            var macro = Next(text, ref at, explanation ? Letters + ExplanationLetters : Letters);
            if (macro.Letter == '\0')
            {
                result.Append(macro.Literal);
                continue;
            }

            var expanded = Transform(await value(char.ToLowerInvariant(macro.Letter)), macro);
            result.Append(char.IsAsciiLetterUpper(macro.Letter) ? Uri.EscapeDataString(expanded) : expanded);
        }

        return result.ToString();
    }

    private readonly record struct Macro(char Letter, string Literal, int Keep, bool Reverse, string Delimiters);

    // macro-expand = ( "%{" macro-letter transformers *delimiter "}" ) / "%%" / "%_" / "%-"
    private static Macro Next(string text, ref int at, string letters)
    {
        var open = at++;
        var c = at < text.Length ? text[at++] : '\0';
        if (c != '{')
        {
            return new Macro('\0', c switch { '%' => "%", '_' => " ", '-' => "%20", _ => throw Bad(text[open..]) }, 0, false, "");
        }

        var letter = at < text.Length ? text[at++] : '\0';
        if (letter == '\0' || !letters.Contains(letter, StringComparison.OrdinalIgnoreCase))
        {
            throw Bad(text[open..]);
        }

        var digits = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        var keep = int.MaxValue;
        if (at > digits)
        {
            var number = text.AsSpan(digits, at - digits).TrimStart('0');
            keep = number.IsEmpty ? throw Bad(text[open..]) : number.Length > 3 ? keep : int.Parse(number, CultureInfo.InvariantCulture);
        }

        var reverse = at < text.Length && text[at] is 'r' or 'R';
        at += reverse ? 1 : 0;
        var from = at;
        while (at < text.Length && Delimiters.Contains(text[at], StringComparison.Ordinal))
        {
            at++;
        }

        var delimiters = text[from..at];
        return at < text.Length && text[at++] == '}'
            ? new Macro(letter, "", keep, reverse, delimiters.Length == 0 ? "." : delimiters)
            : throw Bad(text[open..]);
    }

    private static string Transform(string value, Macro macro)
    {
        if (macro is { Keep: int.MaxValue, Reverse: false, Delimiters: "." })
        {
            return value;
        }

        var parts = value.Split(macro.Delimiters.ToCharArray());
        if (macro.Reverse)
        {
            Array.Reverse(parts);
        }

        return string.Join('.', parts.TakeLast(macro.Keep));
    }

    private static SpfSyntaxException Bad(string text) => new(text.Length == 0 ? "an empty domain" : $"\"{text}\" is no macro");
}
