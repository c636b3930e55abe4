using System.Buffers.Text;
using System.Text;

namespace SaaS.MailHost.Imap.Wire;

/// <summary>Mailbox names of IMAP4rev1: printable ASCII as it is, "&amp;" as "&amp;-", all else UTF-16 in a base64 of its own.</summary>
/// <remarks>RFC 3501 §5.1.3.</remarks>
internal static class ModifiedUtf7
{
    public static string Encode(string name)
    {
        if (name.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0 && !name.Contains('&', StringComparison.Ordinal))
        {
            return name;
        }

        var text = new StringBuilder(name.Length * 2);
        for (var i = 0; i < name.Length;)
        {
            if (name[i] is >= ' ' and <= '~')
            {
                text.Append(name[i] == '&' ? "&-" : name[i].ToString());
                i++;
                continue;
            }

            var end = i;
            while (end < name.Length && name[end] is not (>= ' ' and <= '~'))
            {
                end++;
            }

            text.Append('&');
            text.Append(Convert.ToBase64String(Encoding.BigEndianUnicode.GetBytes(name, i, end - i)).TrimEnd('=').Replace('/', ','));
            text.Append('-');
            i = end;
        }

        return text.ToString();
    }

    /// <summary>Null when it is not the one right encoding of a name: otherwise one mailbox would have many names.</summary>
    public static string? Decode(string encoded)
    {
        if (!encoded.Contains('&', StringComparison.Ordinal))
        {
            return encoded.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0 ? encoded : null;
        }

        var text = new StringBuilder(encoded.Length);
        for (var i = 0; i < encoded.Length; i++)
        {
            if (encoded[i] is not (>= ' ' and <= '~'))
            {
                return null;
            }

            if (encoded[i] != '&')
            {
                text.Append(encoded[i]);
                continue;
            }

            var end = encoded.IndexOf('-', i);
            if (end < 0)
            {
                return null;
            }

            if (end == i + 1)
            {
                text.Append('&');
            }
            else
            {
                var base64 = encoded[(i + 1)..end].Replace(',', '/');
                base64 = base64.PadRight((base64.Length + 3) / 4 * 4, '=');
                if (!Base64.IsValid(base64))
                {
                    return null;
                }

                text.Append(Encoding.BigEndianUnicode.GetString(Convert.FromBase64String(base64)));
            }

            i = end;
        }

        var name = text.ToString();
        return string.Equals(Encode(name), encoded, StringComparison.Ordinal) ? name : null;
    }
}
