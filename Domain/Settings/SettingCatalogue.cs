using System.Text.Json;

namespace SaaS.Domain.Settings;

public enum SettingType
{
    Boolean = 0,
    Integer = 1,
    Choice = 2,
}

/// <summary>A setting that exists: its type, bounds and default. Every key is one line of <see cref="SettingCatalogue"/>.</summary>
/// <param name="Narrowest">The narrowest level at which it can be set.</param>
/// <param name="Own">A matter of taste: the user may set it for the own account.</param>
public sealed record SettingKey(
    string Key, string Title, string Description, SettingType Type, JsonElement Default, SettingLevel Narrowest, long? Minimum = null,
    long? Maximum = null, IReadOnlyList<string>? Choices = null, bool Own = false)
{
    /// <summary>Whether a value is of the type and within the bounds.</summary>
    public bool Takes(JsonElement value) => Type switch
    {
        SettingType.Boolean => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        SettingType.Integer => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var n) && n >= (Minimum ?? long.MinValue)
            && n <= (Maximum ?? long.MaxValue),
        SettingType.Choice => value.ValueKind == JsonValueKind.String && Choices!.Contains(value.GetString()!, StringComparer.Ordinal),
        _ => false,
    };
}

/// <summary>All settings. Each is honoured by the code that its description speaks of.</summary>
public static class SettingCatalogue
{
    public static readonly SettingKey PasswordMinLength = new(
        "password.minLength", "Shortest password", "How many characters a new password needs.", SettingType.Integer, Json(10), SettingLevel.Domain, 8, 64);

    public static readonly SettingKey WeakPasswordHashes = new(
        "password.weakHashes", "Weak password hashes", "Whether DES-crypt, MD5-crypt and hashes without salt may be imported. They last until the password is first used.",
        SettingType.Boolean, Json(false), SettingLevel.Domain);

    public static readonly SettingKey DmarcPolicy = new(
        "dns.dmarcPolicy", "DMARC policy", "The policy that the DMARC record to publish asks for.", SettingType.Choice, Json("quarantine"),
        SettingLevel.Domain, Choices: ["none", "quarantine", "reject"]);

    public static readonly SettingKey InboundDmarc = new(
        "inbound.dmarc", "Mail that fails DMARC",
        "What becomes of mail whose author is not proven. honour: what the author's domain asks for, refused or into Junk; quarantine: at most into Junk; mark: only noted in the header.",
        SettingType.Choice, Json("honour"), SettingLevel.Domain, Choices: ["honour", "quarantine", "mark"]);

    public static readonly SettingKey ExternalForwarding = new(
        "forwarding.external", "Forwarding to outside", "Whether accounts may forward their mail to addresses of other providers.", SettingType.Boolean,
        Json(true), SettingLevel.Account);

    public static readonly SettingKey AccountPasswordForMail = new(
        "mail.accountPassword", "Account password in mail programs",
        "Whether IMAP, POP3, SMTP and ManageSieve accept the account's own password; if not, only app passwords and tokens.", SettingType.Boolean,
        Json(true), SettingLevel.Account);

    public static readonly SettingKey Theme = new(
        "webmail.theme", "Webmail: theme", "Light, dark, or as the user's system is.", SettingType.Choice, Json("system"), SettingLevel.Account,
        Choices: ["system", "light", "dark"], Own: true);

    public static readonly SettingKey Density = new(
        "webmail.density", "Webmail: density", "How much room a line of the message list takes.", SettingType.Choice, Json("comfortable"),
        SettingLevel.Account, Choices: ["comfortable", "compact"], Own: true);

    public static readonly SettingKey ReadingPane = new(
        "webmail.readingPane", "Webmail: reading pane", "Where a message opens: beside the list, below it, or in its place.", SettingType.Choice,
        Json("right"), SettingLevel.Account, Choices: ["right", "below", "off"], Own: true);

    public static readonly SettingKey RemoteImages = new(
        "webmail.remoteImages", "Webmail: images from outside", "Whether the webmail asks before it loads them through its proxy.", SettingType.Choice,
        Json("ask"), SettingLevel.Account, Choices: ["ask", "always"], Own: true);

    public static readonly SettingKey UndoSeconds = new(
        "webmail.undoSeconds", "Webmail: time to undo", "Seconds in which a sent message can be called back.", SettingType.Integer, Json(8),
        SettingLevel.Account, 0, 60, Own: true);

    public static readonly SettingKey Keyboard = new(
        "webmail.keyboard", "Webmail: keyboard shortcuts", "Whether single keys act on messages.", SettingType.Boolean, Json(true),
        SettingLevel.Account, Own: true);

    public static readonly SettingKey Conversations = new(
        "webmail.conversations", "Webmail: conversations", "Whether the list shows one line for each conversation.", SettingType.Boolean, Json(true),
        SettingLevel.Account, Own: true);

    public static readonly SettingKey SecondFactor = new(
        "signIn.secondFactor", "Second factor at sign-in",
        "Who needs a code or a passkey besides the password. Whoever has none yet is asked to set one up at the next sign-in.", SettingType.Choice,
        Json("optional"), SettingLevel.Account, Choices: ["optional", "admins", "everyone"]);

    public static readonly SettingKey SessionDays = new(
        "signIn.sessionDays", "Days until sign-in again", "How long a sign-in in a browser lasts at most, however much it is used.", SettingType.Integer,
        Json(30), SettingLevel.Account, 1, 30);

    public static readonly SettingKey SendPerDay = new(
        "sending.perDay", "Recipients a day", "How many recipients an account may send to in 24 hours. 0: what the plan says; never more than the plan.",
        SettingType.Integer, Json(0), SettingLevel.Account, 0, 1_000_000);

    public static readonly SettingKey TrashDays = new(
        "retention.trashDays", "Days in the trash", "After how many days a message in Trash is deleted for good. 0: it stays.", SettingType.Integer,
        Json(0), SettingLevel.Account, 0, 3650);

    public static readonly SettingKey JunkDays = new(
        "retention.junkDays", "Days in junk", "After how many days a message in Junk is deleted for good. 0: it stays.", SettingType.Integer,
        Json(0), SettingLevel.Account, 0, 3650);

    public static readonly SettingKey Pop3DeleteToTrash = new(
        "pop3.deleteToTrash", "POP3: deleted mail goes to the trash",
        "Whether what a mail program deletes over POP3 is moved to Trash, to be found again by everything else, or is gone for good.",
        SettingType.Boolean, Json(false), SettingLevel.Account);

    public static readonly SettingKey FilterRedirects = new(
        "filters.redirects", "Filters: addresses to forward to",
        "To how many addresses the filters of an account may forward one message. 0: none.", SettingType.Integer, Json(4), SettingLevel.Account, 0, 20);

    public static readonly SettingKey MovesExceedQuota = new(
        "moves.exceedQuota", "Moves beyond the quota",
        "Whether a move from another platform may bring more than the account's storage holds. New mail is refused until there is room again.",
        SettingType.Boolean, Json(true), SettingLevel.Account);

    public static IReadOnlyList<SettingKey> All { get; } =
    [
        PasswordMinLength,
        SecondFactor,
        SessionDays,
        DmarcPolicy,
        ExternalForwarding,
        AccountPasswordForMail,
        SendPerDay,
        TrashDays,
        JunkDays,
        Pop3DeleteToTrash,
        FilterRedirects,
        Theme,
        Density,
        ReadingPane,
        RemoteImages,
        UndoSeconds,
        Keyboard,
        Conversations,
        InboundDmarc,
        MovesExceedQuota,
        WeakPasswordHashes,
    ];

    public static SettingKey? Find(string key) => All.FirstOrDefault(x => x.Key == key);

    private static JsonElement Json<T>(T value) => JsonSerializer.SerializeToElement(value);
}
