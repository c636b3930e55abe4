using MudBlazor;
using SaaS.Client.Jmap;

namespace SaaS.Web.Webmail.Folders;

internal static class FolderIcons
{
    public static string Of(string? role) => role switch
    {
        "inbox" => Icons.Material.Outlined.Inbox,
        "drafts" => Icons.Material.Outlined.Drafts,
        "scheduled" => Icons.Material.Outlined.ScheduleSend,
        "sent" => Icons.Material.Outlined.Send,
        "archive" => Icons.Material.Outlined.Archive,
        "junk" => Icons.Material.Outlined.Report,
        "trash" => Icons.Material.Outlined.Delete,
        _ => Icons.Material.Outlined.Folder,
    };

    public static string Name(Mailbox mailbox) => mailbox.Role == "inbox" ? "Inbox" : mailbox.Name ?? "";
}
