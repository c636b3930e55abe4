using System.Text.Json;
using System.Text.Json.Serialization;

namespace SaaS.Client.Jmap;

/// <summary>RFC 8621 §4. "header:…" properties stand in <see cref="Extra"/>.</summary>
public sealed record Email : IJmapObject
{
    public static string TypeName => "Email";

    public string? Id { get; init; }
    public string? BlobId { get; init; }
    public string? ThreadId { get; init; }
    public IReadOnlyDictionary<string, bool>? MailboxIds { get; init; }
    public IReadOnlyDictionary<string, bool>? Keywords { get; init; }
    public long? Size { get; init; }
    public DateTimeOffset? ReceivedAt { get; init; }

    public IReadOnlyList<EmailHeader>? Headers { get; init; }
    public IReadOnlyList<string>? MessageId { get; init; }
    public IReadOnlyList<string>? InReplyTo { get; init; }
    public IReadOnlyList<string>? References { get; init; }
    public IReadOnlyList<EmailAddress>? Sender { get; init; }
    public IReadOnlyList<EmailAddress>? From { get; init; }
    public IReadOnlyList<EmailAddress>? To { get; init; }
    public IReadOnlyList<EmailAddress>? Cc { get; init; }
    public IReadOnlyList<EmailAddress>? Bcc { get; init; }
    public IReadOnlyList<EmailAddress>? ReplyTo { get; init; }
    public string? Subject { get; init; }
    public DateTimeOffset? SentAt { get; init; }

    public EmailBodyPart? BodyStructure { get; init; }
    public IReadOnlyDictionary<string, EmailBodyValue>? BodyValues { get; init; }
    public IReadOnlyList<EmailBodyPart>? TextBody { get; init; }
    public IReadOnlyList<EmailBodyPart>? HtmlBody { get; init; }
    public IReadOnlyList<EmailBodyPart>? Attachments { get; init; }
    public bool? HasAttachment { get; init; }
    public string? Preview { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; init; }

    public bool Has(string keyword) => Keywords?.ContainsKey(keyword) == true;

    [JsonIgnore] public bool IsSeen => Has(Keyword.Seen);
    [JsonIgnore] public bool IsFlagged => Has(Keyword.Flagged);
    [JsonIgnore] public bool IsDraft => Has(Keyword.Draft);
    [JsonIgnore] public bool IsAnswered => Has(Keyword.Answered);
    [JsonIgnore] public bool IsForwarded => Has(Keyword.Forwarded);

    /// <summary>An email is in one mailbox here.</summary>
    [JsonIgnore] public string? MailboxId => MailboxIds?.Keys.FirstOrDefault();

    /// <summary>What a message list shows: answered without reading any raw message.</summary>
    public static readonly IReadOnlyList<string> ListProperties =
    [
        "id", "blobId", "threadId", "mailboxIds", "keywords", "size", "receivedAt", "from", "to", "cc", "subject", "sentAt", "hasAttachment",
        "preview",
    ];

    /// <summary>What a reading pane shows; ask with fetchHTMLBodyValues and fetchTextBodyValues.</summary>
    public static readonly IReadOnlyList<string> ReadProperties =
    [
        .. ListProperties, "bcc", "replyTo", "sender", "messageId", "inReplyTo", "references", "bodyValues", "textBody", "htmlBody", "attachments",
        "header:List-Unsubscribe:asURLs", "header:List-Unsubscribe-Post:asText",
    ];
}

/// <summary>Keywords that have a meaning (RFC 8621 §4.1.1).</summary>
public static class Keyword
{
    public const string Seen = "$seen";
    public const string Flagged = "$flagged";
    public const string Answered = "$answered";
    public const string Draft = "$draft";
    public const string Forwarded = "$forwarded";
    public const string Junk = "$junk";
    public const string NotJunk = "$notjunk";
    public const string Phishing = "$phishing";
}

public sealed record EmailAddress(string? Name, string? Email)
{
    /// <summary>The name, else the address.</summary>
    public override string ToString() => string.IsNullOrWhiteSpace(Name) ? Email ?? "" : Name;
}

public sealed record EmailHeader(string Name, string Value);

/// <summary>RFC 8621 §4.1.4.</summary>
public sealed record EmailBodyPart
{
    /// <summary>Null only for multipart/*.</summary>
    public string? PartId { get; init; }
    public string? BlobId { get; init; }
    public long? Size { get; init; }
    public IReadOnlyList<EmailHeader>? Headers { get; init; }
    public string? Name { get; init; }
    public string? Type { get; init; }
    public string? Charset { get; init; }
    public string? Disposition { get; init; }
    /// <summary>Without angle brackets.</summary>
    public string? Cid { get; init; }
    public IReadOnlyList<string>? Language { get; init; }
    public string? Location { get; init; }
    public IReadOnlyList<EmailBodyPart>? SubParts { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; init; }
}

public sealed record EmailBodyValue
{
    public string Value { get; init; } = "";
    public bool? IsEncodingProblem { get; init; }
    public bool? IsTruncated { get; init; }
}

/// <summary>A condition, or several joined by an operator (RFC 8620 §5.5, RFC 8621 §4.4.1).</summary>
[JsonDerivedType(typeof(EmailCondition))]
[JsonDerivedType(typeof(EmailFilterOperator))]
public abstract record EmailFilter
{
    public static EmailFilter And(params IReadOnlyList<EmailFilter> conditions) => new EmailFilterOperator("AND", conditions);
    public static EmailFilter Or(params IReadOnlyList<EmailFilter> conditions) => new EmailFilterOperator("OR", conditions);
    public static EmailFilter Not(params IReadOnlyList<EmailFilter> conditions) => new EmailFilterOperator("NOT", conditions);
}

public sealed record EmailFilterOperator(string Operator, IReadOnlyList<EmailFilter> Conditions) : EmailFilter;

/// <summary>Every condition that is set must hold.</summary>
public sealed record EmailCondition : EmailFilter
{
    public string? InMailbox { get; init; }
    public IReadOnlyList<string>? InMailboxOtherThan { get; init; }
    public DateTimeOffset? Before { get; init; }
    public DateTimeOffset? After { get; init; }
    public long? MinSize { get; init; }
    public long? MaxSize { get; init; }
    public string? AllInThreadHaveKeyword { get; init; }
    public string? SomeInThreadHaveKeyword { get; init; }
    public string? NoneInThreadHaveKeyword { get; init; }
    public string? HasKeyword { get; init; }
    public string? NotKeyword { get; init; }
    public bool? HasAttachment { get; init; }
    /// <summary>Anywhere: subject, addresses, text, attachment names.</summary>
    public string? Text { get; init; }
    public string? From { get; init; }
    public string? To { get; init; }
    public string? Cc { get; init; }
    public string? Bcc { get; init; }
    public string? Subject { get; init; }
    public string? Body { get; init; }
    /// <summary>[name] or [name, text].</summary>
    public IReadOnlyList<string>? Header { get; init; }
}
