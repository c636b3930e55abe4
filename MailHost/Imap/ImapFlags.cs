using System.Text;
using SaaS.Domain.Messages;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap;

/// <summary>Flags and keywords of a STORE, APPEND or SEARCH as the store knows them.</summary>
internal sealed record FlagList(MessageFlags Flags, IReadOnlyList<string> Keywords);

/// <summary>Flag names and bits (RFC 9051 §2.3.2 and the IANA keyword registry).</summary>
internal static class ImapFlags
{
    /// <summary>For FLAGS and PERMANENTFLAGS.</summary>
    public const string All = "\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded $Junk $NotJunk $Phishing $MDNSent";

    private static readonly (MessageFlags Flag, string Name)[] Names =
    [
        (MessageFlags.Answered, "\\Answered"),
        (MessageFlags.Flagged, "\\Flagged"),
        (MessageFlags.Deleted, "\\Deleted"),
        (MessageFlags.Seen, "\\Seen"),
        (MessageFlags.Draft, "\\Draft"),
        (MessageFlags.Forwarded, "$Forwarded"),
        (MessageFlags.Junk, "$Junk"),
        (MessageFlags.NotJunk, "$NotJunk"),
        (MessageFlags.Phishing, "$Phishing"),
        (MessageFlags.MdnSent, "$MDNSent"),
    ];

    // One rendering for each combination that occurs.
    private static readonly byte[]?[] Rendered = new byte[]?[1024];

    public static MessageFlags? Find(string name)
    {
        foreach (var (flag, known) in Names)
        {
            if (known.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return flag;
            }
        }

        return null;
    }

    /// <summary>"\Seen \Flagged"; without parentheses.</summary>
    public static ReadOnlySpan<byte> Render(MessageFlags flags)
    {
        var index = (int)flags & 1023;
        return Rendered[index] ??= Encoding.ASCII.GetBytes(string.Join(' ', Names.Where(n => flags.HasFlag(n.Flag)).Select(n => n.Name)));
    }

    public static void Write(ImapWriter w, MessageFlags flags, string[]? keywords)
    {
        w.Raw("FLAGS ("u8);
        var rendered = Render(flags);
        w.Raw(rendered);
        if (keywords is not null)
        {
            for (var i = 0; i < keywords.Length; i++)
            {
                if (rendered.Length > 0 || i > 0)
                {
                    w.Space();
                }

                w.Raw(keywords[i]);
            }
        }

        w.Byte((byte)')');
    }

    // flag-list = "(" [flag *(SP flag)] ")"
    public static FlagList ParseList(ref ImapReader r)
    {
        r.Open();
        var flags = r.Next == ')' ? new FlagList(default, []) : Parse(ref r);
        r.Close();
        return flags;
    }

    // store-att-flags = … (flag-list / (flag *(SP flag)))
    public static FlagList Parse(ref ImapReader r)
    {
        var flags = MessageFlags.None;
        var keywords = new List<string>();
        do
        {
            var name = One(ref r);
            if (Find(name) is { } flag)
            {
                flags |= flag;
            }
            else if (name[0] != '\\')
            {
                keywords.Add(name.ToLowerInvariant());
            }
            else if (!name.Equals("\\Recent", StringComparison.OrdinalIgnoreCase))
            {
                // \Recent is ignored as it may be copied from a FETCH; others do not exist.
                ImapReader.Fail("Unknown system flag.");
            }
        }
        while (r.TrySpace());
        return new FlagList(flags, keywords);
    }

    private static string One(ref ImapReader r) => r.TryByte((byte)'\\') ? "\\" + r.AtomText() : r.AtomText();
}
