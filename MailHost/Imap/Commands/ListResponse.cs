using SaaS.Domain.Mailboxes;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>Pieces that LIST, LSUB, STATUS, CREATE and SELECT share.</summary>
internal static class ListResponse
{
    private static readonly (SpecialUse Use, string Name)[] Uses =
    [
        (SpecialUse.Drafts, "\\Drafts"),
        (SpecialUse.Sent, "\\Sent"),
        (SpecialUse.Trash, "\\Trash"),
        (SpecialUse.Junk, "\\Junk"),
        (SpecialUse.Archive, "\\Archive"),
        (SpecialUse.Important, "\\Important"),
        (SpecialUse.All, "\\All"),
        (SpecialUse.Flagged, "\\Flagged"),
        (SpecialUse.Scheduled, "\\Scheduled"),
    ];

    /// <summary>RFC 6154 §2, RFC 8457.</summary>
    public static SpecialUse? Find(string attribute)
    {
        foreach (var (use, name) in Uses)
        {
            if (name.Equals(attribute, StringComparison.OrdinalIgnoreCase))
            {
                return use;
            }
        }

        return null;
    }

    public static string? Attribute(SpecialUse use) => Uses.FirstOrDefault(u => u.Use == use).Name;

    /// <summary>"(\HasNoChildren \Sent)".</summary>
    public static void Attributes(ImapWriter w, Mailbox mailbox, bool? hasChildren, bool subscribed = false)
    {
        var all = new List<string>(3);
        if (mailbox.Id.Value == 0)
        {
            // Only a name on the way to others.
            all.Add("\\Noselect");
        }

        if (hasChildren is { } has)
        {
            all.Add(has ? "\\HasChildren" : "\\HasNoChildren");
        }

        if (subscribed)
        {
            all.Add("\\Subscribed");
        }

        if (Attribute(mailbox.SpecialUse) is { } use)
        {
            all.Add(use);
        }

        w.Byte((byte)'(').Raw(string.Join(' ', all)).Byte((byte)')');
    }

    /// <summary>False where the pattern can match nothing at or below "Shared".</summary>
    public static bool MayReachShared(string pattern)
    {
        var end = pattern.AsSpan().IndexOfAny('*', '%');
        var start = end < 0 ? pattern : pattern[..end];
        return start.Length > ImapSession.SharedRoot.Length
            ? start.StartsWith(ImapSession.SharedRoot + "/", StringComparison.Ordinal)
            : ImapSession.SharedRoot.StartsWith(start, StringComparison.Ordinal) && (end >= 0 || start == ImapSession.SharedRoot);
    }

    /// <summary>Matches "*" across levels and "%" within one (RFC 9051 §6.3.9). Linear in both lengths for each wildcard.</summary>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        // Greedy with one retry point per kind of wildcard: "%" gives up at a "/", and then the last "*" goes on.
        int p = 0, n = 0, starP = -1, starN = 0, percentP = -1, percentN = 0;
        while (true)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (starP, starN, percentP) = (++p, n, -1);
                continue;
            }

            if (p < pattern.Length && pattern[p] == '%')
            {
                (percentP, percentN) = (++p, n);
                continue;
            }

            if (n == name.Length && p == pattern.Length)
            {
                return true;
            }

            if (n < name.Length && p < pattern.Length && pattern[p] == name[n])
            {
                p++;
                n++;
                continue;
            }

            if (percentP >= 0 && percentN < name.Length && name[percentN] != '/')
            {
                (p, n) = (percentP, ++percentN);
            }
            else if (starP >= 0 && starN < name.Length)
            {
                (p, n, percentP) = (starP, ++starN, -1);
            }
            else
            {
                return false;
            }
        }
    }
}
