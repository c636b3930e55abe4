namespace SaaS.Domain.Messages;

/// <summary>JMAP keywords and the bits that hold them (RFC 8621 §4.1.1). \Deleted has none: such messages are invisible to JMAP.</summary>
public static class EmailQueryKeywords
{
    private static readonly System.Buffers.SearchValues<char> Forbidden = System.Buffers.SearchValues.Create("(){]%*\"\\");

    private static readonly (string Keyword, MessageFlags Flag)[] Table =
    [
        ("$seen", MessageFlags.Seen),
        ("$answered", MessageFlags.Answered),
        ("$flagged", MessageFlags.Flagged),
        ("$draft", MessageFlags.Draft),
        ("$forwarded", MessageFlags.Forwarded),
        ("$junk", MessageFlags.Junk),
        ("$notjunk", MessageFlags.NotJunk),
        ("$phishing", MessageFlags.Phishing),
        ("$mdnsent", MessageFlags.MdnSent),
    ];

    /// <summary>The bit of a keyword; None where it is stored by its name.</summary>
    public static MessageFlags FlagOf(string keyword)
    {
        foreach (var (name, flag) in Table)
        {
            if (name.Equals(keyword, StringComparison.OrdinalIgnoreCase))
            {
                return flag;
            }
        }

        return MessageFlags.None;
    }

    public static IEnumerable<string> Of(MessageFlags flags, IReadOnlyList<string>? others) =>
        Table.Where(t => (flags & t.Flag) != 0).Select(t => t.Keyword).Concat(others ?? []);

    /// <summary>1 to 128 characters of %x21-7e without ( ) { ] % * " \ (RFC 8621 §4.1.1).</summary>
    public static bool IsValid(string keyword) =>
        keyword.Length is > 0 and <= 128 && keyword.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0
        && keyword.AsSpan().IndexOfAny(Forbidden) < 0;
}
