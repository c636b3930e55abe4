using System.Diagnostics.CodeAnalysis;

namespace SaaS.MailHost.MailAuth;

/// <summary>tag=value; tag=value (RFC 6376 §3.2), as DKIM, ARC, DMARC and BIMI write it.</summary>
internal sealed class TagList
{
    private const int MaxTags = 100;

    private readonly Dictionary<string, string> _tags;

    private TagList(Dictionary<string, string> tags, string first) => (_tags, First) = (tags, first);

    /// <summary>Name of the tag that stands first.</summary>
    public string First { get; }

    public string? this[string name] => _tags.GetValueOrDefault(name);

    /// <summary>The value without any white space, as base64 and lists are read.</summary>
    public string? Compact(string name) => this[name] is { } value ? string.Concat(value.Split([' ', '\t', '\r', '\n'])) : null;

    public bool Has(string name) => _tags.ContainsKey(name);

    public static bool TryParse(string text, [NotNullWhen(true)] out TagList? list)
    {
        list = null;
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        var first = "";
        var at = 0;
        while (at < text.Length)
        {
            var end = text.IndexOf(';', at);
            end = end < 0 ? text.Length : end;
            var part = text.AsSpan(at, end - at).Trim(" \t\r\n");
            at = end + 1;
            if (part.IsEmpty)
            {
                // Only the last one may be empty.
                if (!text.AsSpan(Math.Min(at, text.Length)).Trim(" \t\r\n").IsEmpty || tags.Count == 0)
                {
                    return false;
                }

                break;
            }

            var equals = part.IndexOf('=');
            var name = equals < 0 ? [] : part[..equals].TrimEnd(" \t\r\n");
            if (name.IsEmpty || !IsName(name) || tags.Count == MaxTags || !tags.TryAdd(name.ToString(), part[(equals + 1)..].Trim(" \t\r\n").ToString()))
            {
                return false;
            }

            first = first.Length == 0 ? name.ToString() : first;
        }

        list = new TagList(tags, first);
        return tags.Count > 0;
    }

    // tag-name = ALPHA *ALNUMPUNC
    private static bool IsName(ReadOnlySpan<char> name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
            {
                return false;
            }
        }

        return char.IsAsciiLetter(name[0]);
    }
}
