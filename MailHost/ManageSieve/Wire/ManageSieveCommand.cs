using System.Globalization;
using System.Text;

namespace SaaS.MailHost.ManageSieve.Wire;

internal sealed class ManageSieveSyntaxException(string text) : Exception(text);

/// <summary>One command: its name in upper case, and its arguments, strings and numbers as text.</summary>
/// <remarks>RFC 5804 §4. Strings are UTF-8 without NUL; a quoted one has at most 1,024 octets.</remarks>
internal sealed record ManageSieveCommand(string Name, IReadOnlyList<ManageSieveArgument> Arguments)
{
    public const int MaxQuoted = 1024;
    private const int MaxArguments = 5;
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <param name="octets">The whole command, its last CRLF left out, literals within.</param>
    public static ManageSieveCommand Parse(ReadOnlySpan<byte> octets)
    {
        var at = 0;
        while (at < octets.Length && IsAtom(octets[at]))
        {
            at++;
        }

        var name = Encoding.ASCII.GetString(octets[..at]).ToUpperInvariant();
        var arguments = new List<ManageSieveArgument>();
        while (at < octets.Length)
        {
            if (name.Length > 0 || arguments.Count > 0)
            {
                if (octets[at] != ' ')
                {
                    throw new ManageSieveSyntaxException("A space must stand between arguments");
                }

                at++;
                if (at == octets.Length)
                {
                    break;
                }
            }

            if (arguments.Count == MaxArguments)
            {
                throw new ManageSieveSyntaxException("Too many arguments");
            }

            arguments.Add(Argument(octets, ref at));
        }

        return new ManageSieveCommand(name, arguments);
    }

    /// <summary>Octets of a literal that the line announces at its end; -1 where it announces none.</summary>
    /// <remarks>literal-c2s = "{" number "+}" CRLF *OCTET. The form without the plus, which is the server's, is taken as well.</remarks>
    public static long LiteralAtEnd(ReadOnlySpan<byte> line)
    {
        var open = line.LastIndexOf((byte)'{');
        if (open < 0 || line[^1] != '}' || InQuotes(line[..open]))
        {
            return -1;
        }

        var digits = line[(open + 1)..^1];
        digits = digits.Length > 0 && digits[^1] == '+' ? digits[..^1] : digits;
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size <= uint.MaxValue ? size
            : throw new ManageSieveSyntaxException("Not the size of a literal");
    }

    private static bool InQuotes(ReadOnlySpan<byte> line)
    {
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            if (quoted && line[i] == '\\')
            {
                i++;
            }
            else if (line[i] == '"')
            {
                quoted = !quoted;
            }
        }

        return quoted;
    }

    private static ManageSieveArgument Argument(ReadOnlySpan<byte> octets, ref int at) => octets[at] switch
    {
        (byte)'"' => new ManageSieveArgument(Quoted(octets, ref at), true),
        (byte)'{' => new ManageSieveArgument(Literal(octets, ref at), true),
        >= (byte)'0' and <= (byte)'9' => new ManageSieveArgument(Number(octets, ref at), false),
        (byte)'*' => new ManageSieveArgument(Star(ref at), false),
        _ => throw new ManageSieveSyntaxException("An argument is a string or a number"),
    };

    private static string Star(ref int at)
    {
        at++;
        return "*";
    }

    private static string Quoted(ReadOnlySpan<byte> octets, ref int at)
    {
        var bytes = new List<byte>();
        for (at++; at < octets.Length; at++)
        {
            var b = octets[at];
            if (b == '"')
            {
                at++;
                return bytes.Count > MaxQuoted ? throw new ManageSieveSyntaxException($"A quoted string has at most {MaxQuoted} octets") : Text([.. bytes]);
            }

            if (b == '\\' && ++at < octets.Length)
            {
                b = octets[at];
                if (b is not ((byte)'"' or (byte)'\\'))
                {
                    throw new ManageSieveSyntaxException("Only \\\" and \\\\ are escapes");
                }
            }
            else if (b is (byte)'\r' or (byte)'\n')
            {
                throw new ManageSieveSyntaxException("A quoted string stands in one line");
            }

            bytes.Add(b);
        }

        throw new ManageSieveSyntaxException("A quoted string has no end");
    }

    private static string Literal(ReadOnlySpan<byte> octets, ref int at)
    {
        var close = octets[at..].IndexOf("}\r\n"u8);
        if (close < 0)
        {
            throw new ManageSieveSyntaxException("A literal has no size");
        }

        var size = LiteralAtEnd(octets.Slice(at, close + 1));
        var start = at + close + 3;
        if (size < 0 || size > octets.Length - start)
        {
            throw new ManageSieveSyntaxException("A literal is cut");
        }

        at = start + (int)size;
        return Text(octets.Slice(start, (int)size));
    }

    private static string Number(ReadOnlySpan<byte> octets, ref int at)
    {
        var start = at;
        while (at < octets.Length && octets[at] is >= (byte)'0' and <= (byte)'9')
        {
            at++;
        }

        return at - start > 10 ? throw new ManageSieveSyntaxException("The number is too large") : Encoding.ASCII.GetString(octets[start..at]);
    }

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Contains((byte)0))
        {
            throw new ManageSieveSyntaxException("A string cannot contain NUL");
        }

        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new ManageSieveSyntaxException("A string is UTF-8");
        }
    }

    private static bool IsAtom(byte b) => b is (>= (byte)'a' and <= (byte)'z') or (>= (byte)'A' and <= (byte)'Z');
}

/// <param name="Text">Of a number its digits.</param>
internal readonly record struct ManageSieveArgument(string Text, bool IsString);
