using System.Text;

namespace SaaS.MailHost.Smtp.Wire;

/// <summary>One parameter of MAIL or RCPT: keyword in upper case, value as sent.</summary>
internal readonly record struct EsmtpParameter(string Keyword, string? Value);

/// <summary>Reads one command line, without its CRLF. Throws SmtpSyntaxException for what is not grammar.</summary>
/// <remarks>RFC 5321 §4.1.1, §4.1.2; UTF-8 in paths RFC 6531 §3.3.</remarks>
internal ref struct SmtpReader(ReadOnlySpan<byte> line)
{
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest = line.TrimEnd((byte)' ');

    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>The verb in upper case, "" where there is none. Verbs are letters only.</summary>
    public string ReadVerb()
    {
        var end = _rest.IndexOf((byte)' ');
        var verb = end < 0 ? _rest : _rest[..end];
        if (verb.Length is 0 or > 20 || verb.ContainsAnyExcept(Letters))
        {
            return "";
        }

        _rest = end < 0 ? [] : _rest[(end + 1)..];
        return Encoding.ASCII.GetString(verb).ToUpperInvariant();
    }

    /// <summary>FROM: or TO:, any case.</summary>
    public void ExpectKeyword(ReadOnlySpan<byte> keyword)
    {
        if (_rest.Length < keyword.Length || !Ascii.EqualsIgnoreCase(_rest[..keyword.Length], keyword))
        {
            throw SmtpSyntaxException.Arguments($"Syntax: {Encoding.ASCII.GetString(keyword)}<address>");
        }

        // Deviates from RFC 5321 §3.3: spaces behind the colon are tolerated, since many devices send them.
        _rest = _rest[keyword.Length..].TrimStart((byte)' ');
    }

    // Reverse-path = Path / "<>"   Path = "<" [ A-d-l ":" ] Mailbox ">"   RFC 5321 §4.1.2
    /// <summary>What stands between the angle brackets, a source route taken off (RFC 5321 appendix C). "" for the null path.</summary>
    public string ReadPath()
    {
        if (_rest.IsEmpty || _rest[0] != '<')
        {
            throw SmtpSyntaxException.Arguments("The address must stand in angle brackets.");
        }

        var quoted = false;
        var i = 1;
        for (; i < _rest.Length; i++)
        {
            var b = _rest[i];
            if (b == '\\' && quoted)
            {
                i++;
            }
            else if (b == '"')
            {
                quoted = !quoted;
            }
            else if (b == '>' && !quoted)
            {
                break;
            }
        }

        if (i >= _rest.Length || (i + 1 < _rest.Length && _rest[i + 1] != ' '))
        {
            throw SmtpSyntaxException.Arguments("The address must stand in angle brackets.");
        }

        var path = Text(_rest[1..i]);
        _rest = _rest[(i + 1)..].TrimStart((byte)' ');
        if (path.StartsWith('@') && path.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
        {
            path = path[(colon + 1)..];
        }

        return path;
    }

    // esmtp-param = esmtp-keyword ["=" esmtp-value]   RFC 5321 §4.1.2
    public List<EsmtpParameter> ReadParameters()
    {
        var parameters = new List<EsmtpParameter>();
        while (!_rest.IsEmpty)
        {
            var end = _rest.IndexOf((byte)' ');
            var word = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? [] : _rest[(end + 1)..].TrimStart((byte)' ');
            var equals = word.IndexOf((byte)'=');
            var keyword = equals < 0 ? word : word[..equals];
            if (keyword.IsEmpty || keyword.ContainsAnyExcept(KeywordOctets) || equals == word.Length - 1)
            {
                throw SmtpSyntaxException.Arguments("Malformed parameter.");
            }

            var name = Encoding.ASCII.GetString(keyword).ToUpperInvariant();
            if (parameters.Exists(p => p.Keyword == name))
            {
                throw SmtpSyntaxException.Arguments("A parameter is given twice.");
            }

            parameters.Add(new EsmtpParameter(name, equals < 0 ? null : Text(word[(equals + 1)..])));
        }

        return parameters;
    }

    /// <summary>One word; "" at the end.</summary>
    public string ReadWord()
    {
        _rest = _rest.TrimStart((byte)' ');
        var end = _rest.IndexOf((byte)' ');
        var word = Text(end < 0 ? _rest : _rest[..end]);
        _rest = end < 0 ? [] : _rest[(end + 1)..];
        return word;
    }

    public void ExpectEnd()
    {
        if (!_rest.IsEmpty)
        {
            throw SmtpSyntaxException.Arguments("No arguments, please.");
        }
    }

    private static System.Buffers.SearchValues<byte> Letters { get; } =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static System.Buffers.SearchValues<byte> KeywordOctets { get; } =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"u8);

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
        {
            if (b is < 0x20 or 0x7F)
            {
                throw SmtpSyntaxException.Arguments("Control characters are not allowed.");
            }
        }

        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw SmtpSyntaxException.Arguments("Not UTF-8.");
        }
    }
}
