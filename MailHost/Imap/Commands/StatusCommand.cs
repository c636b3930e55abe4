using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;
using SaaS.Domain.Sharing;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>What STATUS can be asked for.</summary>
[Flags]
internal enum StatusItems
{
    None = 0,
    Messages = 1,
    UidNext = 2,
    UidValidity = 4,
    Unseen = 8,
    Deleted = 16,
    Size = 32,
    Recent = 64,
    HighestModSeq = 128,
    MailboxId = 256,
    AppendLimit = 512,
    DeletedStorage = 1024,
}

/// <summary>STATUS: counters from the mailbox's row.</summary>
/// <remarks>RFC 9051 §6.3.11; SIZE RFC 8438, HIGHESTMODSEQ RFC 7162 §3.1.7, MAILBOXID RFC 8474 §4.3, APPENDLIMIT RFC 7889 §3.2, DELETED-STORAGE RFC 9208 §4.3.</remarks>
internal sealed class StatusCommand(MailboxReader reader) : ImapCommand<StatusCommand.Args>
{
    internal sealed record Args(string Name, StatusItems Items);

    public override CommandInfo Info { get; } = new("STATUS") { States = ImapStates.SignedIn, Capabilities = ["STATUS=SIZE"] };

    // status = "STATUS" SP mailbox SP "(" status-att *(SP status-att) ")"
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        var name = s.MailboxName(r.AString());
        r.Space();
        return new Args(name, ParseItems(ref r));
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        var (place, refused) = await s.FindAsync(a.Name, MailboxRights.Read, ct);
        if (place is null)
        {
            return refused;
        }

        var mailbox = a.Items.HasFlag(StatusItems.Unseen) ? await s.CountedAsync(place, ct) : place.Mailbox;
        Write(s, mailbox, a.Items, await DeletedStorageAsync(reader, mailbox, a.Items, ct));
        return ImapResult.Ok;
    }

    public static StatusItems ParseItems(ref ImapReader r)
    {
        r.Open();
        var items = StatusItems.None;
        do
        {
            items |= r.Keyword() switch
            {
                "MESSAGES" => StatusItems.Messages,
                "UIDNEXT" => StatusItems.UidNext,
                "UIDVALIDITY" => StatusItems.UidValidity,
                "UNSEEN" => StatusItems.Unseen,
                "DELETED" => StatusItems.Deleted,
                "SIZE" => StatusItems.Size,
                "RECENT" => StatusItems.Recent,
                "HIGHESTMODSEQ" => StatusItems.HighestModSeq,
                "MAILBOXID" => StatusItems.MailboxId,
                "APPENDLIMIT" => StatusItems.AppendLimit,
                "DELETED-STORAGE" => StatusItems.DeletedStorage,
                _ => throw new ImapSyntaxException("Unknown status item."),
            };
        }
        while (r.TrySpace());
        r.Close();
        return items;
    }

    /// <summary>Octets that EXPUNGE would free (RFC 9208 §4.3); read only where it is asked for and there is something.</summary>
    public static async ValueTask<long> DeletedStorageAsync(
        MailboxReader reader, Mailbox mailbox, StatusItems items, CancellationToken ct) =>
        items.HasFlag(StatusItems.DeletedStorage) && mailbox.DeletedCount > 0
            ? await reader.DeletedBytesAsync(mailbox.AccountId, mailbox.Id, ct)
            : 0;

    public static void Write(ImapSession s, Mailbox mailbox, StatusItems items, long deletedStorage)
    {
        var w = s.Out;
        w.Raw("* STATUS "u8).Mailbox(mailbox.Name).Raw(" ("u8);
        var first = true;
        foreach (var (item, name, value) in (ReadOnlySpan<(StatusItems, string, long)>)
        [
            (StatusItems.Messages, "MESSAGES", mailbox.Total),
            (StatusItems.UidNext, "UIDNEXT", mailbox.UidNext),
            (StatusItems.UidValidity, "UIDVALIDITY", mailbox.UidValidity),
            (StatusItems.Unseen, "UNSEEN", mailbox.Unseen),
            (StatusItems.Deleted, "DELETED", mailbox.DeletedCount),
            (StatusItems.Size, "SIZE", mailbox.SizeBytes),
            (StatusItems.Recent, "RECENT", 0),
            (StatusItems.HighestModSeq, "HIGHESTMODSEQ", Math.Max(mailbox.HighestModSeq, 1)),
            (StatusItems.MailboxId, "MAILBOXID", mailbox.Id.Value),
            (StatusItems.AppendLimit, "APPENDLIMIT", s.Server.Options.MaxMessage),
            (StatusItems.DeletedStorage, "DELETED-STORAGE", deletedStorage),
        ])
        {
            if (!items.HasFlag(item))
            {
                continue;
            }

            if (!first)
            {
                w.Space();
            }

            first = false;
            w.Raw(name).Space();
            if (item == StatusItems.MailboxId)
            {
                w.Raw("(F"u8).Number(value).Byte((byte)')');
            }
            else
            {
                w.Number(value);
            }
        }

        w.Raw(")\r\n"u8);
        s.CondStore |= items.HasFlag(StatusItems.HighestModSeq);
    }
}
