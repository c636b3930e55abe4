using SaaS.Domain.Mailboxes;
using SaaS.Domain.Sharing;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>LIST: mailboxes by pattern, with selection and return options. One read of the account's mailboxes answers it, STATUS included.</summary>
/// <remarks>RFC 9051 §6.3.9, RFC 5258; CHILDREN RFC 3348, SPECIAL-USE RFC 6154 §2, LIST-STATUS RFC 5819, LIST-METADATA RFC 9590, LIST-MYRIGHTS RFC 8440.</remarks>
internal sealed class ListCommand(AnnotationStore annotations) : ImapCommand<ListCommand.Args>
{
    internal sealed record Args(
        string Reference,
        IReadOnlyList<string> Patterns,
        bool OnlySubscribed,
        bool OnlySpecialUse,
        bool RecursiveMatch,
        bool ReturnSubscribed,
        StatusItems Status,
        bool ReturnRights,
        bool Extended,
        IReadOnlyList<string> Metadata);

    public override CommandInfo Info { get; } = new("LIST")
    {
        States = ImapStates.SignedIn,
        Capabilities = ["CHILDREN", "LIST-EXTENDED", "LIST-STATUS", "SPECIAL-USE", "LIST-METADATA", "LIST-MYRIGHTS"],
    };

    // list = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat [SP list-return-opts]
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        bool onlySubscribed = false, onlySpecial = false, recursive = false, remote = false, extended = false;
        if (r.TryOpen())
        {
            extended = true;
            while (!r.TryClose())
            {
                r.TrySpace();
                switch (r.Keyword())
                {
                    case "SUBSCRIBED":
                        onlySubscribed = true;
                        break;
                    case "SPECIAL-USE":
                        onlySpecial = true;
                        break;
                    case "RECURSIVEMATCH":
                        recursive = true;
                        break;
                    case "REMOTE":
                        remote = true;
                        break;
                    default:
                        ImapReader.Fail("Unknown selection option.");
                        break;
                }
            }

            // RECURSIVEMATCH is nothing without a condition   RFC 5258 §3
            if (recursive && !onlySubscribed && !onlySpecial)
            {
                ImapReader.Fail("RECURSIVEMATCH needs another option.");
            }

            _ = remote;
            r.Space();
        }

        var reference = s.MailboxName(r.AString());
        r.Space();
        var patterns = new List<string>();
        if (r.TryOpen())
        {
            extended = true;
            do
            {
                patterns.Add(s.MailboxName(r.ListMailbox()));
            }
            while (r.TrySpace());
            r.Close();
        }
        else
        {
            patterns.Add(s.MailboxName(r.ListMailbox()));
        }

        var returnSubscribed = onlySubscribed;
        var status = StatusItems.None;
        var rights = false;
        List<string> metadata = [];
        if (r.TrySpace())
        {
            extended = true;
            if (!r.TryKeyword("RETURN"u8))
            {
                ImapReader.Fail("Expected RETURN.");
            }

            r.Space();
            r.Open();
            while (!r.TryClose())
            {
                r.TrySpace();
                switch (r.Keyword())
                {
                    case "SUBSCRIBED":
                        returnSubscribed = true;
                        break;
                    case "CHILDREN" or "SPECIAL-USE":
                        // Both are always told.
                        break;
                    case "MYRIGHTS":
                        rights = true;
                        break;
                    case "STATUS":
                        r.Space();
                        status = StatusCommand.ParseItems(ref r);
                        if (status.HasFlag(StatusItems.DeletedStorage))
                        {
                            ImapReader.Fail("DELETED-STORAGE is for STATUS.");
                        }

                        break;
                    case "METADATA":
                        r.Space();
                        metadata = GetMetadataCommand.ParseEntries(ref r);
                        break;
                    default:
                        ImapReader.Fail("Unknown return option.");
                        break;
                }
            }
        }

        return new Args(reference, patterns, onlySubscribed, onlySpecial, recursive, returnSubscribed, status, rights, extended, metadata);
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        if (!a.Extended && a.Patterns[0].Length == 0)
        {
            // A question for the hierarchy delimiter.
            s.Out.Raw("* LIST (\\Noselect) \"/\" \"\"\r\n"u8);
            return ImapResult.Ok;
        }

        var patterns = a.Patterns.Select(p => Canonical(p.StartsWith('/') ? p[1..] : a.Reference + p)).ToList();
        var places = await s.ListAsync(patterns.Exists(ListResponse.MayReachShared), ct);
        var all = places.Select(p => p.Mailbox).ToList();
        foreach (var place in places)
        {
            var mailbox = place.Mailbox;
            if (!patterns.Exists(p => ListResponse.Matches(p, mailbox.Name)))
            {
                continue;
            }

            var below = all.Where(m => m.Name.Length > mailbox.Name.Length && m.Name[mailbox.Name.Length] == '/'
                && m.Name.StartsWith(mailbox.Name, StringComparison.Ordinal)).ToList();
            var chosen = Chosen(mailbox, a);
            var childInfo = a.RecursiveMatch && below.Exists(m => Chosen(m, a) && !patterns.Exists(p => ListResponse.Matches(p, m.Name)));
            if (!chosen && !childInfo)
            {
                continue;
            }

            s.Out.Raw("* LIST "u8);
            ListResponse.Attributes(s.Out, mailbox, below.Count > 0, a.ReturnSubscribed && mailbox.Subscribed);
            s.Out.Raw(" \"/\" "u8).Mailbox(mailbox.Name);
            if (childInfo)
            {
                s.Out.Raw(a.OnlySubscribed ? " (CHILDINFO (\"SUBSCRIBED\"))"u8 : " (CHILDINFO (\"SPECIAL-USE\"))"u8);
            }

            s.Out.Line();
            if (a.ReturnRights && chosen && place.IsMailbox)
            {
                MyRightsCommand.Write(s, place);
            }

            if (a.Status != StatusItems.None && chosen && place.Rights.Has(MailboxRights.Read))
            {
                var counted = a.Status.HasFlag(StatusItems.Unseen) ? await s.CountedAsync(place, ct) : mailbox;
                StatusCommand.Write(s, counted, a.Status, deletedStorage: 0);
            }

            if (a.Metadata.Count > 0 && chosen && GetMetadataCommand.MayRead(place))
            {
                var own = await GetMetadataCommand.ReadAsync(annotations, place, ct);
                GetMetadataCommand.Write(s, mailbox.Name, a.Metadata, own, depth: 0, long.MaxValue);
            }

            await s.FlushIfLargeAsync(ct);
        }

        return ImapResult.Ok;
    }

    /// <summary>INBOX is INBOX in any case, as a name and as the first level.</summary>
    public static string Canonical(string pattern) =>
        pattern.StartsWith("INBOX", StringComparison.OrdinalIgnoreCase) && (pattern.Length == 5 || pattern[5] is '/' or '*' or '%')
            ? "INBOX" + pattern[5..]
            : pattern;

    private static bool Chosen(Mailbox mailbox, Args a) =>
        (!a.OnlySubscribed || mailbox.Subscribed) && (!a.OnlySpecialUse || ListResponse.Attribute(mailbox.SpecialUse) is not null);
}
