using System.Text;

namespace SaaS.Domain.Sieve.Syntax;

internal enum TokenKind
{
    Identifier,
    /// <summary>Text without its colon.</summary>
    Tag,
    Number,
    Text,
    /// <summary>One of ; , { } ( ) [ ]</summary>
    Mark,
    End,
}

internal readonly record struct Token(TokenKind Kind, int Line, string Text, long Number = 0)
{
    public bool Is(char mark) => Kind == TokenKind.Mark && Text[0] == mark;

    public override string ToString() => Kind switch
    {
        TokenKind.End => "the end of the script",
        TokenKind.Text => "a string",
        TokenKind.Number => "a number",
        TokenKind.Tag => $"':{Text}'",
        _ => $"'{Text}'",
    };
}

/// <summary>Cuts a script into tokens (RFC 5228 §8.1). Line ends in strings become CRLF, however the script was stored.</summary>
internal sealed class SieveLexer(string script)
{
    private int _at;
    private int _line = 1;

    public Token Next()
    {
        SkipBlanks();
        var line = _line;
        if (_at >= script.Length)
        {
            return new Token(TokenKind.End, line, "");
        }

        var c = script[_at];
        if (c is ';' or ',' or '{' or '}' or '(' or ')' or '[' or ']')
        {
            _at++;
            return new Token(TokenKind.Mark, line, c.ToString());
        }

        if (c == '"')
        {
            return new Token(TokenKind.Text, line, Quoted());
        }

        if (char.IsAsciiDigit(c))
        {
            return Number(line);
        }

        if (c == ':')
        {
            _at++;
            return new Token(TokenKind.Tag, line, Identifier(line).ToLowerInvariant());
        }

        if (char.IsAsciiLetter(c) || c == '_')
        {
            var word = Identifier(line);
            return word.Equals("text", StringComparison.OrdinalIgnoreCase) && _at < script.Length && script[_at] == ':'
                ? new Token(TokenKind.Text, line, MultiLine())
                : new Token(TokenKind.Identifier, line, word.ToLowerInvariant());
        }

        throw new SieveSyntaxException(line, $"unexpected character {(c is > ' ' and < '\x7f' ? $"'{c}'" : $"0x{(int)c:x2}")}");
    }

    private void SkipBlanks()
    {
        while (_at < script.Length)
        {
            switch (script[_at])
            {
                case '\n':
                    _line++;
                    _at++;
                    break;
                case ' ' or '\t' or '\r':
                    _at++;
                    break;
                case '#':
                    SkipLine();
                    break;
                case '/' when _at + 1 < script.Length && script[_at + 1] == '*':
                    var started = _line;
                    var end = script.IndexOf("*/", _at + 2, StringComparison.Ordinal);
                    if (end < 0)
                    {
                        throw new SieveSyntaxException(started, "a comment that starts here has no end");
                    }

                    _line += script.AsSpan(_at, end - _at).Count('\n');
                    _at = end + 2;
                    break;
                default:
                    return;
            }
        }
    }

    private void SkipLine()
    {
        var end = script.IndexOf('\n', _at);
        _at = end < 0 ? script.Length : end;
    }

    // identifier = (ALPHA / "_") *(ALPHA / DIGIT / "_")
    private string Identifier(int line)
    {
        var start = _at;
        while (_at < script.Length && (char.IsAsciiLetterOrDigit(script[_at]) || script[_at] == '_'))
        {
            _at++;
        }

        return _at == start || char.IsAsciiDigit(script[start])
            ? throw new SieveSyntaxException(line, "an identifier starts with a letter or an underscore")
            : _at - start > 64 ? throw new SieveSyntaxException(line, "an identifier is too long")
            : script[start.._at];
    }

    // number = 1*DIGIT [ "K" / "M" / "G" ]
    private Token Number(int line)
    {
        const long max = int.MaxValue * 1024L * 1024L;
        var value = 0L;
        while (_at < script.Length && char.IsAsciiDigit(script[_at]))
        {
            value = (value * 10) + (script[_at++] - '0');
            if (value > max)
            {
                throw new SieveSyntaxException(line, "the number is too large");
            }
        }

        var shift = _at < script.Length ? (script[_at] | 0x20) switch { 'k' => 10, 'm' => 20, 'g' => 30, _ => 0 } : 0;
        if (shift > 0)
        {
            _at++;
        }

        if (_at < script.Length && (char.IsAsciiLetterOrDigit(script[_at]) || script[_at] == '_'))
        {
            throw new SieveSyntaxException(line, $"a number may end in K, M or G, not in '{script[_at]}'");
        }

        return value > max >> shift
            ? throw new SieveSyntaxException(line, "the number is too large")
            : new Token(TokenKind.Number, line, "", value << shift);
    }

    private string Quoted()
    {
        var started = _line;
        var text = new StringBuilder();
        for (_at++; _at < script.Length; _at++)
        {
            var c = script[_at];
            switch (c)
            {
                case '"':
                    _at++;
                    return text.ToString();
                case '\\' when _at + 1 < script.Length:
                    c = script[++_at];
                    if (c == '\n')
                    {
                        NewLine(text);
                    }
                    else
                    {
                        text.Append(c);
                    }

                    break;
                case '\n':
                    NewLine(text);
                    break;
                case '\r' when _at + 1 < script.Length && script[_at + 1] == '\n':
                    break;
                case '\0':
                    throw new SieveSyntaxException(_line, "a string cannot contain NUL");
                default:
                    text.Append(c);
                    break;
            }
        }

        throw new SieveSyntaxException(started, "a string that starts here has no end");
    }

    private void NewLine(StringBuilder text)
    {
        _line++;
        text.Append("\r\n");
    }

    // multi-line = "text:" *(SP / HTAB) (hash-comment / CRLF) *(multiline-literal / multiline-dotstart) "." CRLF
    private string MultiLine()
    {
        var started = _line;
        _at++;
        while (_at < script.Length && script[_at] is ' ' or '\t')
        {
            _at++;
        }

        if (_at < script.Length && script[_at] == '#')
        {
            SkipLine();
        }

        if (_at < script.Length && script[_at] == '\r')
        {
            _at++;
        }

        if (_at >= script.Length || script[_at] != '\n')
        {
            throw new SieveSyntaxException(started, "a line end must follow 'text:'");
        }

        _at++;
        _line++;
        var text = new StringBuilder();
        while (_at < script.Length)
        {
            var end = script.IndexOf('\n', _at);
            var line = script.AsSpan(_at, (end < 0 ? script.Length : end) - _at).TrimEnd('\r');
            _at = end < 0 ? script.Length : end + 1;
            _line++;
            if (line is ".")
            {
                return text.ToString();
            }

            if (line.Contains('\0'))
            {
                throw new SieveSyntaxException(_line - 1, "a string cannot contain NUL");
            }

            text.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        }

        throw new SieveSyntaxException(started, "a text that starts here has no end (a line with a single dot)");
    }
}
