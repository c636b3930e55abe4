using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace SaaS.MailHost.Imap.Wire;

/// <summary>
/// Reads the arguments of one complete command: the line without its CRLF, with literals in place as they came ("{5}" CRLF and five octets).
/// Methods that begin with Try look and may leave everything as it was; all others must succeed or throw.
/// </summary>
/// <remarks>RFC 9051 §9 (formal syntax), RFC 3501 §9.</remarks>
internal ref struct ImapReader(ReadOnlySpan<byte> text)
{
    /// <summary>Nesting of parentheses that any argument may have.</summary>
    public const int MaxDepth = 50;

    // ATOM-CHAR = <any CHAR except "(" / ")" / "{" / SP / CTL / "%" / "*" / DQUOTE / "\" / "]">   RFC 9051 §9
    private static readonly SearchValues<byte> AtomChars = SearchValues.Create(
        "!#$&'+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[^_`abcdefghijklmnopqrstuvwxyz|}~"u8);
    private static readonly SearchValues<byte> AStringChars = SearchValues.Create(
        "!#$&'+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz|}~"u8);
    private static readonly SearchValues<byte> ListChars = SearchValues.Create(
        "!#$%&'*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz|}~"u8);
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _text = text;
    private int _at;
    private int _depth;

    public readonly bool AtEnd => _at >= _text.Length;

    public readonly int Position => _at;

    public readonly ReadOnlySpan<byte> Rest => _text[_at..];

    /// <summary>0 at the end.</summary>
    public readonly byte Next => _at < _text.Length ? _text[_at] : (byte)0;

    [DoesNotReturn]
    public static void Fail(string what) => throw new ImapSyntaxException(what);

    public readonly void ExpectEnd()
    {
        if (!AtEnd)
        {
            Fail("Unexpected characters at the end of the command.");
        }
    }

    public void Space() => Expect((byte)' ');

    public bool TrySpace() => TryByte((byte)' ');

    public bool TryByte(byte c)
    {
        if (Next != c || AtEnd)
        {
            return false;
        }

        _at++;
        return true;
    }

    public void Expect(byte c)
    {
        if (!TryByte(c))
        {
            Fail(c == ' ' ? "Missing argument." : $"Expected '{(char)c}'.");
        }
    }

    /// <summary>An opening parenthesis; counts the depth.</summary>
    public void Open()
    {
        Expect((byte)'(');
        if (++_depth > MaxDepth)
        {
            Fail("Too many nested parentheses.");
        }
    }

    public bool TryOpen()
    {
        if (Next != '(')
        {
            return false;
        }

        Open();
        return true;
    }

    public bool TryClose()
    {
        if (!TryByte((byte)')'))
        {
            return false;
        }

        _depth--;
        return true;
    }

    public void Close()
    {
        if (!TryClose())
        {
            Fail("Expected ')'.");
        }
    }

    // tag = 1*<any ASTRING-CHAR except "+">   RFC 9051 §9
    public string Tag()
    {
        var tag = Take(AStringChars, "Missing tag.");
        return tag.Contains((byte)'+') || tag.Length > 128
            ? throw new ImapSyntaxException("Invalid tag.")
            : Encoding.ASCII.GetString(tag);
    }

    public ReadOnlySpan<byte> Atom() => Take(AtomChars, "Expected an atom.");

    public string AtomText() => Encoding.ASCII.GetString(Atom());

    /// <summary>An atom in upper case: a name of the protocol.</summary>
    public string Keyword() => AtomText().ToUpperInvariant();

    /// <summary>Takes the atom that stands next when it is this one, in any case.</summary>
    public bool TryKeyword(ReadOnlySpan<byte> upper)
    {
        var rest = Rest;
        var length = rest.IndexOfAnyExcept(AtomChars);
        var atom = length < 0 ? rest : rest[..length];
        if (!Ascii.EqualsIgnoreCase(atom, upper))
        {
            return false;
        }

        _at += atom.Length;
        return true;
    }

    // astring = 1*ASTRING-CHAR / string
    public string AString() => Next is (byte)'"' or (byte)'{' or (byte)'~' && IsString() ? String() : Encoding.ASCII.GetString(Take(AStringChars, "Expected a string."));

    // list-mailbox = 1*list-char / string
    public string ListMailbox() => IsString() ? String() : Encoding.ASCII.GetString(Take(ListChars, "Expected a mailbox pattern."));

    // string = quoted / literal
    public string String()
    {
        try
        {
            return StrictUtf8.GetString(StringBytes());
        }
        catch (DecoderFallbackException)
        {
            throw new ImapSyntaxException("A string is not valid UTF-8.");
        }
    }

    // nstring = string / nil
    public string? NString() => TryKeyword("NIL"u8) ? null : String();

    public readonly bool IsString() => Next is (byte)'"' or (byte)'{' || (Next == '~' && _at + 1 < _text.Length && _text[_at + 1] == '{');

    /// <summary>string or literal8 as octets, NUL included.</summary>
    public byte[] StringOctets()
    {
        if (Next != '~')
        {
            return StringBytes().ToArray();
        }

        var size = LiteralHeader();
        if (size > _text.Length - _at)
        {
            Fail("Incomplete literal.");
        }

        var bytes = _text.Slice(_at, (int)size).ToArray();
        _at += (int)size;
        return bytes;
    }

    public ReadOnlySpan<byte> StringBytes()
    {
        if (Next == '"')
        {
            return Quoted();
        }

        var size = LiteralHeader();
        if (size > _text.Length - _at)
        {
            Fail("Incomplete literal.");
        }

        var bytes = _text.Slice(_at, (int)size);
        if (bytes.Contains((byte)0))
        {
            Fail("NUL in a string.");
        }

        _at += (int)size;
        return bytes;
    }

    /// <summary>Takes "{n}", "{n+}" or "~{n}" and its CRLF; the octets follow.</summary>
    public long LiteralHeader()
    {
        TryByte((byte)'~');
        Expect((byte)'{');
        var size = Number64();
        TryByte((byte)'+');
        Expect((byte)'}');
        Expect((byte)'\r');
        Expect((byte)'\n');
        return size;
    }

    // number = 1*DIGIT, unsigned 32 bits
    public uint Number()
    {
        var n = Number64();
        return n <= uint.MaxValue ? (uint)n : throw new ImapSyntaxException("Number too large.");
    }

    public uint NzNumber()
    {
        var n = Number();
        return n != 0 ? n : throw new ImapSyntaxException("Zero is not allowed here.");
    }

    // number64 = 1*DIGIT, unsigned 63 bits
    public long Number64()
    {
        if (!char.IsAsciiDigit((char)Next) || !Utf8Parser.TryParse(Rest, out long n, out var used) || n < 0)
        {
            throw new ImapSyntaxException("Expected a number.");
        }

        _at += used;
        return n;
    }

    // date = date-text / DQUOTE date-text DQUOTE; date-text = date-day "-" date-month "-" date-year
    public DateOnly Date()
    {
        var quoted = TryByte((byte)'"');
        var day = Digits(1, 2);
        Expect((byte)'-');
        var month = Month();
        Expect((byte)'-');
        var year = Digits(4, 4);
        if (quoted)
        {
            Expect((byte)'"');
        }

        return IsDate(year, month, day) ? new DateOnly(year, month, day) : throw new ImapSyntaxException("No such date.");
    }

    // date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE
    public DateTimeOffset DateTime()
    {
        Expect((byte)'"');
        TryByte((byte)' ');
        var day = Digits(1, 2);
        Expect((byte)'-');
        var month = Month();
        Expect((byte)'-');
        var year = Digits(4, 4);
        Space();
        var hour = Digits(2, 2);
        Expect((byte)':');
        var minute = Digits(2, 2);
        Expect((byte)':');
        var second = Digits(2, 2);
        Space();
        var sign = TryByte((byte)'-') ? -1 : 1;
        if (sign > 0)
        {
            Expect((byte)'+');
        }

        var zone = Digits(4, 4);
        Expect((byte)'"');
        if (!IsDate(year, month, day) || year < 2 || year > 9998 || hour > 23 || minute > 59 || second > 60 || zone / 100 > 13 || zone % 100 > 59)
        {
            Fail("No such date.");
        }

        var offset = new TimeSpan(zone / 100, zone % 100, 0) * sign;
        return new DateTimeOffset(year, month, day, hour, minute, Math.Min(second, 59), offset);
    }

    private static bool IsDate(int year, int month, int day) => year > 0 && day > 0 && day <= System.DateTime.DaysInMonth(year, month);

    private int Digits(int min, int max)
    {
        var value = 0;
        var count = 0;
        for (; count < max && char.IsAsciiDigit((char)Next); count++)
        {
            value = (value * 10) + (Next - '0');
            _at++;
        }

        return count >= min ? value : throw new ImapSyntaxException("Invalid date.");
    }

    private int Month()
    {
        const string Names = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";
        var rest = Rest;
        if (rest.Length >= 3)
        {
            for (var m = 0; m < 12; m++)
            {
                if (Ascii.EqualsIgnoreCase(rest[..3], Names.AsSpan(m * 3, 3)))
                {
                    _at += 3;
                    return m + 1;
                }
            }
        }

        throw new ImapSyntaxException("Invalid month.");
    }

    // quoted = DQUOTE *QUOTED-CHAR DQUOTE
    private ReadOnlySpan<byte> Quoted()
    {
        var rest = _text[(_at + 1)..];
        var end = rest.IndexOfAny((byte)'"', (byte)'\\');
        if (end >= 0 && rest[end] == '"')
        {
            _at += end + 2;
            return Checked(rest[..end]);
        }

        var plain = new byte[rest.Length];
        var length = 0;
        for (var i = 0; i < rest.Length; i++)
        {
            var c = rest[i];
            if (c == '"')
            {
                _at += i + 2;
                return Checked(plain.AsSpan(0, length));
            }

            if (c == '\\')
            {
                if (++i >= rest.Length || rest[i] is not ((byte)'"' or (byte)'\\'))
                {
                    break;
                }

                c = rest[i];
            }

            plain[length++] = c;
        }

        throw new ImapSyntaxException("Invalid quoted string.");
    }

    private static ReadOnlySpan<byte> Checked(ReadOnlySpan<byte> quoted) =>
        quoted.IndexOfAny((byte)'\r', (byte)'\n', (byte)0) < 0 ? quoted : throw new ImapSyntaxException("Line break in a quoted string.");

    private ReadOnlySpan<byte> Take(SearchValues<byte> chars, string otherwise)
    {
        var rest = Rest;
        var length = rest.IndexOfAnyExcept(chars);
        if (length < 0)
        {
            length = rest.Length;
        }

        if (length == 0)
        {
            Fail(otherwise);
        }

        _at += length;
        return rest[..length];
    }
}
