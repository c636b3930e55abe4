using System.Diagnostics.CodeAnalysis;

namespace SaaS.Domain.Common;

/// <summary>A mailbox address of the SMTP envelope: local-part as received, domain in A-label form (RFC 5321 §4.1.2, RFC 6531).</summary>
/// <remarks>Never contains CR, LF, NUL or other controls: it can be written into a protocol line as it is.</remarks>
public sealed record MailAddress
{
    private MailAddress(string localPart, string domain) => (LocalPart, Domain) = (localPart, domain);

    /// <summary>Unquoted local-part; case as received.</summary>
    public string LocalPart { get; }

    /// <summary>A-label domain in lower case, or an address literal in brackets.</summary>
    public string Domain { get; }

    /// <summary>The local-part as our own directory compares it: lower case, NFC.</summary>
    public string LocalKey => LocalPart.Normalize().ToLowerInvariant();

    /// <summary>True where the local-part needs SMTPUTF8 (RFC 6531 §3.3).</summary>
    public bool NeedsSmtpUtf8 => !System.Text.Ascii.IsValid(LocalPart);

    public override string ToString() => $"{(IsDotString(LocalPart) ? LocalPart : Quote(LocalPart))}@{Domain}";

    /// <summary>Parses local-part@domain, the local-part quoted or not. Local-part 1..64 octets, whole 254.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out MailAddress? address)
    {
        address = null;
        if (string.IsNullOrEmpty(text) || text.Length > 320)
        {
            return false;
        }

        string local;
        int at;
        if (text[0] == '"')
        {
            var unquoted = new System.Text.StringBuilder();
            var i = 1;
            for (; i < text.Length && text[i] != '"'; i++)
            {
                if (text[i] == '\\' && ++i >= text.Length)
                {
                    return false;
                }

                unquoted.Append(text[i]);
            }

            if (i + 1 >= text.Length || text[i + 1] != '@')
            {
                return false;
            }

            local = unquoted.ToString();
            at = i + 1;
        }
        else
        {
            at = text.LastIndexOf('@');
            if (at <= 0)
            {
                return false;
            }

            local = text[..at];
            if (!IsDotString(local))
            {
                return false;
            }
        }

        return TryCreate(local, text[(at + 1)..], out address);
    }

    public static bool TryCreate(string local, string domain, [NotNullWhen(true)] out MailAddress? address)
    {
        address = null;
        foreach (var c in local)
        {
            if (char.IsControl(c) || c is '\u2028' or '\u2029')
            {
                return false;
            }
        }

        if (local.Length == 0 || System.Text.Encoding.UTF8.GetByteCount(local) > MaxLocal(local))
        {
            return false;
        }

        string? name;
        if (DomainName.TryParseLiteral(domain, out _))
        {
            name = domain.ToLowerInvariant();
        }
        else if (!DomainName.TryNormalize(domain, out name))
        {
            return false;
        }

        if (local.Length + 1 + name.Length > 254)
        {
            return false;
        }

        address = new MailAddress(local, name);
        return true;
    }

    // Deviates from RFC 5321 §4.5.3.1.1: reverse-paths of forwarded mail carry a whole address in their local-part, and come back with bounces.
    private static int MaxLocal(string local) => local.StartsWith("SRS", StringComparison.OrdinalIgnoreCase) && local.Contains('=', StringComparison.Ordinal) ? 200 : 64;

    public static MailAddress Parse(string text) =>
        TryParse(text, out var a) ? a : throw new FormatException("Not a mail address.");

    // dot-string = atom *("." atom)   RFC 5321 §4.1.2; atext + UTF8-non-ascii RFC 6531 §3.3
    private static bool IsDotString(string s)
    {
        var last = '.';
        foreach (var c in s)
        {
            if (c == '.' ? last == '.' : !(c >= 0x80 || char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-/=?^_`{|}~".Contains(c, StringComparison.Ordinal)))
            {
                return false;
            }

            last = c;
        }

        return last != '.';
    }

    private static string Quote(string s) =>
        "\"" + s.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
