using SaaS.Domain.Messages;
using SaaS.MailHost.Imap;

namespace SaaS.MailHost.Moves;

/// <summary>Flags of a source as the store takes them; <paramref name="Dropped"/> keywords are none that could be shown again.</summary>
internal sealed record SourceFlags(MessageFlags Flags, IReadOnlyList<string> Keywords, int Dropped)
{
    // atom-specials, which no keyword has (RFC 9051 §9), and what is not ASCII.
    private static readonly System.Buffers.SearchValues<char> Special = System.Buffers.SearchValues.Create("(){%*\"\\] ");

    public static SourceFlags Of(MessageFlags flags, IEnumerable<string> names)
    {
        var keywords = new SortedSet<string>(StringComparer.Ordinal);
        var dropped = 0;
        foreach (var name in names)
        {
            if (ImapFlags.Find(name) is { } known)
            {
                flags |= known;
            }
            else if (name.Length is 0 or > MessageStore.MaxKeywordLength || name.AsSpan().ContainsAnyExceptInRange('!', '~')
                || name.AsSpan().ContainsAny(Special) || keywords.Count == MessageStore.MaxKeywords)
            {
                dropped++;
            }
            else
            {
                keywords.Add(name.ToLowerInvariant());
            }
        }

        return new SourceFlags(flags, [.. keywords], dropped);
    }
}
