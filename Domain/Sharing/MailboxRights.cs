namespace SaaS.Domain.Sharing;

/// <summary>What somebody else may do in a mailbox: the letters of RFC 4314 §2.1, and what a delegate may do in the account's name.</summary>
[Flags]
public enum MailboxRights
{
    None = 0,
    /// <summary>l: sees that it is there.</summary>
    Lookup = 1,
    /// <summary>r: reads it.</summary>
    Read = 2,
    /// <summary>s: \Seen.</summary>
    Seen = 4,
    /// <summary>w: flags and keywords other than \Seen and \Deleted.</summary>
    Write = 8,
    /// <summary>i: puts messages in.</summary>
    Insert = 16,
    /// <summary>p: sends mail to it. Kept for clients; delivery does not ask.</summary>
    Post = 32,
    /// <summary>k: makes mailboxes below it.</summary>
    Create = 64,
    /// <summary>x: deletes or renames the mailbox.</summary>
    Delete = 128,
    /// <summary>t: \Deleted.</summary>
    DeleteMessages = 256,
    /// <summary>e: expunges.</summary>
    Expunge = 512,
    /// <summary>a: shares it.</summary>
    Administer = 1024,
    /// <summary>Sends under the account's addresses as if it were the account itself.</summary>
    SendAs = 1 << 16,
    /// <summary>Sends under the account's addresses, named as Sender.</summary>
    SendOnBehalf = 1 << 17,

    Flags = Seen | Write | DeleteMessages,
    Reader = Lookup | Read | Seen,
    Writer = Reader | Write | Insert | Post | Create | Delete | DeleteMessages | Expunge,
    All = Writer | Administer,
}

/// <summary>Rights as IMAP writes them.</summary>
public static class MailboxRightsText
{
    private const string Letters = "lrswipkxtea";

    public static bool Has(this MailboxRights rights, MailboxRights needed) => (rights & needed) == needed;

    public static bool HasAny(this MailboxRights rights, MailboxRights any) => (rights & any) != 0;

    /// <summary>Letters in the RFC's order; the old "c" and "d" follow where something of what they stood for is there (RFC 4314 §2.1.1).</summary>
    public static string Format(MailboxRights rights)
    {
        var text = new System.Text.StringBuilder(Letters.Length + 2);
        for (var i = 0; i < Letters.Length; i++)
        {
            if (((int)rights & (1 << i)) != 0)
            {
                text.Append(Letters[i]);
            }
        }

        if (rights.Has(MailboxRights.Create))
        {
            text.Append('c');
        }

        if (rights.HasAny(MailboxRights.Delete | MailboxRights.DeleteMessages | MailboxRights.Expunge))
        {
            text.Append('d');
        }

        return text.ToString();
    }

    /// <summary>Null where a letter is none of ours. "c" is "k", "d" is "xte" (RFC 4314 §2.1.1).</summary>
    public static MailboxRights? Parse(ReadOnlySpan<char> text)
    {
        var rights = MailboxRights.None;
        foreach (var letter in text)
        {
            var at = Letters.IndexOf(letter, StringComparison.Ordinal);
            if (at < 0 && letter is not ('c' or 'd'))
            {
                return null;
            }

            rights |= letter switch
            {
                'c' => MailboxRights.Create,
                'd' => MailboxRights.Delete | MailboxRights.DeleteMessages | MailboxRights.Expunge,
                _ => (MailboxRights)(1 << at),
            };
        }

        return rights;
    }
}
