using System.Text.Json.Nodes;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Sharing;

namespace SaaS.Api.Jmap.Mail;

/// <summary>A stored mailbox, whose name is a path, as JMAP's tree (RFC 8621 §2).</summary>
internal static class MailboxJson
{
    public static readonly IReadOnlyList<string> Properties =
    [
        "id", "name", "parentId", "role", "sortOrder", "totalEmails", "unreadEmails", "totalThreads", "unreadThreads", "myRights", "isSubscribed",
    ];

    private static readonly (SpecialUse Use, string Role)[] Roles =
    [
        (SpecialUse.Inbox, "inbox"), (SpecialUse.Drafts, "drafts"), (SpecialUse.Sent, "sent"), (SpecialUse.Trash, "trash"),
        (SpecialUse.Junk, "junk"), (SpecialUse.Archive, "archive"), (SpecialUse.Important, "important"), (SpecialUse.All, "all"),
        (SpecialUse.Flagged, "flagged"), (SpecialUse.Scheduled, "scheduled"),
    ];

    public static string? RoleOf(SpecialUse use) => Roles.FirstOrDefault(r => r.Use == use).Role;

    public static SpecialUse? UseOf(string role) => Roles.FirstOrDefault(r => r.Role == role) is { Role: not null } found ? found.Use : null;

    public static string LeafOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    public static string? ParentPath(string path) => path.LastIndexOf('/') is > 0 and var slash ? path[..slash] : null;

    public static Mailbox? ParentOf(Mailbox mailbox, IReadOnlyList<Mailbox> all) =>
        ParentPath(mailbox.Name) is { } path ? all.FirstOrDefault(m => m.Name == path) : null;

    public static JsonObject Of(Mailbox mailbox, IReadOnlyList<Mailbox> all, int unread, (int Total, int Unread)? threads, MailboxRights rights)
    {
        var inbox = mailbox.SpecialUse == SpecialUse.Inbox;
        var json = new JsonObject
        {
            ["id"] = JmapIds.Of(mailbox.Id),
            ["name"] = inbox ? "Inbox" : LeafOf(mailbox.Name),
            ["parentId"] = ParentOf(mailbox, all) is { } parent ? JmapIds.Of(parent.Id) : null,
            ["role"] = RoleOf(mailbox.SpecialUse),
            ["sortOrder"] = mailbox.SortOrder,
            ["totalEmails"] = mailbox.Total - mailbox.DeletedCount,
            ["unreadEmails"] = unread,
            ["myRights"] = new JsonObject
            {
                ["mayReadItems"] = rights.Has(MailboxRights.Lookup | MailboxRights.Read),
                ["mayAddItems"] = rights.Has(MailboxRights.Insert),
                ["mayRemoveItems"] = rights.Has(MailboxRights.DeleteMessages | MailboxRights.Expunge),
                ["maySetSeen"] = rights.Has(MailboxRights.Seen),
                ["maySetKeywords"] = rights.Has(MailboxRights.Write),
                ["mayCreateChild"] = rights.Has(MailboxRights.Create),
                ["mayRename"] = !inbox && rights.Has(MailboxRights.Delete),
                ["mayDelete"] = !inbox && rights.Has(MailboxRights.Delete),
                ["maySubmit"] = rights.Has(MailboxRights.Post),
            },
            ["isSubscribed"] = mailbox.Subscribed,
        };
        if (threads is { } counts)
        {
            json["totalThreads"] = counts.Total;
            json["unreadThreads"] = counts.Unread;
        }

        return json;
    }
}
