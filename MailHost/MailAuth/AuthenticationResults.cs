using System.Globalization;
using System.Text;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using SaaS.MailHost.MailAuth.Dmarc;

namespace SaaS.MailHost.MailAuth;

/// <summary>Writes the field of our name, and takes those away that only claim to be ours.</summary>
/// <remarks>RFC 8601 §2.2, §5; ARC's properties RFC 8617 §6 and §10.2.</remarks>
internal static class AuthenticationResults
{
    private const string Name = "authentication-results";
    private const int MaxHeader = 1024 * 1024;
    private const int MaxValue = 200;

    /// <summary>The value, without the field's name: authserv-id, then one line for each result.</summary>
    public static string Value(MessageAuthentication a, string authServId, string helo, string? sender)
    {
        var b = new StringBuilder(authServId);
        void Add(string method, AuthResult result, string? reason = null)
        {
            b.Append(";\r\n\t").Append(method).Append('=').Append(result.Word());
            if (reason is not null)
            {
                b.Append(" reason=\"").Append(Clean(reason)).Append('"');
            }
        }

        void Property(string name, string value) => b.Append(' ').Append(name).Append('=').Append(Token(value));

        Add("iprev", a.Iprev.Result);
        if (a.Iprev.Name is { } host)
        {
            b.Append(" (").Append(Clean(host)).Append(')');
        }

        Property("policy.iprev", a.Iprev.Address.ToString());
        Add("spf", a.Spf.Result, a.Spf.Result == AuthResult.Pass ? null : a.Spf.Reason);
        Property(a.Spf.Identity == "helo" ? "smtp.helo" : "smtp.mailfrom", a.Spf.Identity == "helo" ? helo : sender ?? "");
        if (a.Dkim.Count == 0)
        {
            Add("dkim", AuthResult.None);
        }

        foreach (var d in a.Dkim)
        {
            Add("dkim", d.Result, d.Reason ?? (d.Partial ? "a part of the body is not signed" : null));
            if (d.Bits > 0)
            {
                b.Append(CultureInfo.InvariantCulture, $" ({d.Bits}-bit key{(d.Testing ? ", test mode" : "")})");
            }

            Property("header.d", d.Domain);
            Property("header.i", d.Identity);
            Property("header.s", d.Selector);
            Property("header.a", d.Algorithm);
            // RFC 6008 §4
            Property("header.b", d.SignatureStart);
        }

        Add("arc", a.Arc.Result, a.Arc.Reason);
        if (a.Arc.Instances > 0)
        {
            b.Append(CultureInfo.InvariantCulture, $" (i={a.Arc.Instances})");
            if (a.Arc.Result == AuthResult.Pass)
            {
                b.Append(CultureInfo.InvariantCulture, $" header.oldest-pass={a.Arc.OldestPass}");
            }
        }

        Add("dmarc", a.Dmarc.Result, a.Dmarc.Result == AuthResult.Pass ? null : a.Dmarc.Reason);
        if (a.Dmarc.Policy is { } policy)
        {
            b.Append(" (p=").Append(policy.Word()).Append(')');
        }

        if (a.Dmarc.Domain.Length > 0)
        {
            Property("header.from", a.Dmarc.Domain);
        }

        if (a.Dmarc.PolicyDomain is { } at)
        {
            Property("policy.published-domain-policy", a.Dmarc.Policy!.Value.Word());
            Property("policy.domain", at);
        }

        if (a.Bimi is { } bimi)
        {
            Add("bimi", AuthResult.Pass);
            Property("header.d", bimi.Domain);
            Property("header.selector", "default");
            Property("policy.indicator-uri", bimi.Location);
            if (bimi.Authority is { } authority)
            {
                Property("policy.authority-uri", authority);
            }
        }

        return b.ToString();
    }

    /// <summary>RFC 7208 §9.1.</summary>
    public static string ReceivedSpf(MessageAuthentication a, string receiver, string helo, string? sender) =>
        $"Received-SPF: {a.Spf.Result.Word()} receiver={Token(receiver)};\r\n\tclient-ip={a.Iprev.Address}; envelope-from={Quoted(sender ?? "")};"
        + $"\r\n\thelo={Token(helo)}; identity={a.Spf.Identity}\r\n";

    /// <summary>The message without the fields that bear our name (RFC 8601 §5); null where there are none. The result is the caller's.</summary>
    public static MessageBytes? WithoutOurs(MessageBytes message, string authServId, string? folder)
    {
        var buffer = message.Memory is { } memory ? memory.Span : ReadStart(message);
        List<Range>? cuts = null;
        var at = 0;
        while (at < buffer.Length && !buffer[at..].StartsWith("\r\n"u8))
        {
            var end = at;
            do
            {
                var line = buffer[end..].IndexOf("\r\n"u8);
                end = line < 0 ? buffer.Length : end + line + 2;
            }
            while (end < buffer.Length && buffer[end] is (byte)' ' or (byte)'\t');

            if (buffer[at] is (byte)'A' or (byte)'a' && IsOurs(Encoding.Latin1.GetString(buffer[at..end]), authServId))
            {
                (cuts ??= []).Add(at..end);
            }

            at = end;
        }

        if (cuts is null)
        {
            return null;
        }

        var rest = new MessageBytes(folder);
        var from = 0;
        foreach (var cut in cuts)
        {
            rest.Write(buffer[from..cut.Start.Value]);
            from = cut.End.Value;
        }

        rest.Write(buffer[from..]);
        if (message.Memory is null)
        {
            using var stream = message.OpenRead();
            stream.Position = buffer.Length;
            var block = new byte[64 * 1024];
            for (int n; (n = stream.Read(block)) > 0;)
            {
                rest.Write(block.AsSpan(0, n));
            }
        }

        return rest;
    }

    /// <summary>The value of our field, where the message has one: the first, since all that came with the message were taken away.</summary>
    public static string? Find(MessageHeader header, string authServId) =>
        header.All(Name).FirstOrDefault(f => IsOurs(f.Raw, authServId))?.Value.TrimStart();

    /// <summary>The result of a method in a field that we wrote.</summary>
    public static string? Result(string value, string method)
    {
        foreach (var part in value.Split(";\r\n\t").Skip(1))
        {
            if (part.StartsWith(method, StringComparison.Ordinal) && part.Length > method.Length && part[method.Length] == '=')
            {
                return part[(method.Length + 1)..].Split(' ', '\r')[0];
            }
        }

        return null;
    }

    public static bool IsOurs(string field, string authServId)
    {
        var colon = field.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || !field.AsSpan(0, colon).TrimEnd(" \t").Equals(Name, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var id = Id(field.AsSpan(colon + 1));
        return id.Equals(authServId, StringComparison.OrdinalIgnoreCase)
            || (DomainName.TryNormalize(Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(id)), out var a) && DomainName.TryNormalize(authServId, out var b) && a == b);
    }

    // authserv-id: a token or quoted string behind comments and folds.
    private static string Id(ReadOnlySpan<char> value)
    {
        var depth = 0;
        var at = 0;
        for (; at < value.Length; at++)
        {
            switch (value[at])
            {
                case '\\' when depth > 0:
                    at++;
                    break;
                case '(':
                    depth++;
                    break;
                case ')' when depth > 0:
                    depth--;
                    break;
                case ' ' or '\t' or '\r' or '\n':
                    break;
                case var _ when depth == 0:
                    goto found;
            }
        }

    found:
        if (at >= value.Length)
        {
            return "";
        }

        var id = new StringBuilder();
        var quoted = value[at] == '"';
        for (at += quoted ? 1 : 0; at < value.Length && id.Length < 1000; at++)
        {
            var c = value[at];
            if (quoted ? c == '"' : c is ' ' or '\t' or '\r' or '\n' or ';' or '(')
            {
                break;
            }

            id.Append(quoted && c == '\\' && at + 1 < value.Length ? value[++at] : c);
        }

        return id.ToString();
    }

    private static ReadOnlySpan<byte> ReadStart(MessageBytes message)
    {
        using var stream = message.OpenRead();
        var block = new byte[MaxHeader];
        return block.AsSpan(0, stream.ReadAtLeast(block, block.Length, throwOnEndOfStream: false));
    }

    public static string Word(this DmarcPolicy policy) => policy switch
    {
        DmarcPolicy.None => "none",
        DmarcPolicy.Quarantine => "quarantine",
        DmarcPolicy.Reject => "reject",
    };

    // What strangers wrote never ends a line, a string or a result.
    private static string Clean(string text) =>
        new([.. text.Take(MaxValue).Select(c => c is < ' ' or '\x7f' or '"' or '\\' or ';' or '(' or ')' ? ' ' : c)]);

    private static string Token(string value) =>
        value.Length is > 0 and <= MaxValue && value.All(c => c > 0x7f || char.IsAsciiLetterOrDigit(c) || "!#$&'*+-.^_`{|}~@/:=".Contains(c, StringComparison.Ordinal))
            && value.AsSpan().IndexOfAny("/:=") < 0
            ? value
            : Quoted(value);

    private static string Quoted(string value) => $"\"{Clean(value)}\"";
}
