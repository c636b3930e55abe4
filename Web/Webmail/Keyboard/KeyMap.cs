namespace SaaS.Web.Webmail.Keyboard;

/// <summary>What a key does in the list and the conversation.</summary>
public enum MailKey
{
    None, Next, Previous, Open, Back, Read, Archive, Delete, Junk, Reply, ReplyAll, Forward, Compose, Star, Select, Move, Help, Refresh,
}

/// <summary>The one table of keys; the help page shows exactly it.</summary>
public static class KeyMap
{
    public static IReadOnlyList<(string Key, MailKey Does, string Text)> All { get; } =
    [
        ("j", MailKey.Next, "Next conversation"),
        ("k", MailKey.Previous, "Previous conversation"),
        ("o", MailKey.Open, "Open conversation"),
        ("Enter", MailKey.Open, "Open conversation"),
        ("escape", MailKey.Back, "Back to the list"),
        ("c", MailKey.Compose, "Write a message"),
        ("r", MailKey.Reply, "Reply"),
        ("a", MailKey.ReplyAll, "Reply to all"),
        ("f", MailKey.Forward, "Forward"),
        ("e", MailKey.Archive, "Archive"),
        ("#", MailKey.Delete, "Delete"),
        ("Delete", MailKey.Delete, "Delete"),
        ("!", MailKey.Junk, "Junk, or not junk"),
        ("v", MailKey.Move, "Move to a folder"),
        ("s", MailKey.Star, "Star"),
        ("u", MailKey.Read, "Read, or unread"),
        ("x", MailKey.Select, "Select"),
        ("?", MailKey.Help, "This help"),
    ];

    public static MailKey Of(string key) =>
        All.FirstOrDefault(k => string.Equals(k.Key, key, StringComparison.Ordinal)).Does;
}
