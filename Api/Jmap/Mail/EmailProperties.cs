namespace SaaS.Api.Jmap.Mail;

/// <summary>What of an email is asked for, and so what must be read for it (RFC 8621 §4.2).</summary>
internal sealed class EmailProperties
{
    private static readonly string[] Defaults =
    [
        "id", "blobId", "threadId", "mailboxIds", "keywords", "size", "receivedAt", "messageId", "inReplyTo", "references", "sender", "from", "to",
        "cc", "bcc", "replyTo", "subject", "sentAt", "hasAttachment", "preview", "bodyValues", "textBody", "htmlBody", "attachments",
    ];

    private static readonly HashSet<string> Known = [.. Defaults, "bodyStructure", "headers"];
    private static readonly string[] BodyDefaults =
        ["partId", "blobId", "size", "name", "type", "charset", "disposition", "cid", "language", "location"];
    private static readonly HashSet<string> KnownBody = [.. BodyDefaults, "headers", "subParts"];

    private EmailProperties(IReadOnlyList<string> names, IReadOnlyList<string> body)
    {
        Names = names;
        Body = body;
        Headers = [.. names.Where(n => n.StartsWith("header:", StringComparison.Ordinal)).Select(n => (n, HeaderProperty.Parse(n)!))];
        BodyHeaders = [.. body.Where(n => n.StartsWith("header:", StringComparison.Ordinal)).Select(n => (n, HeaderProperty.Parse(n)!))];
    }

    public IReadOnlyList<string> Names { get; }
    public IReadOnlyList<string> Body { get; }
    public IReadOnlyList<(string Property, HeaderProperty Header)> Headers { get; }
    public IReadOnlyList<(string Property, HeaderProperty Header)> BodyHeaders { get; }
    public bool FetchText { get; private init; }
    public bool FetchHtml { get; private init; }
    public bool FetchAll { get; private init; }
    public int MaxBodyValue { get; private init; }

    public bool Has(string name) => Names.Contains(name, StringComparer.Ordinal);

    /// <summary>A header beyond the envelope: the header block must be read.</summary>
    public bool NeedsHeaders => Headers.Count > 0 || Has("headers");

    /// <summary>Headers of parts, or text: the message itself must be read.</summary>
    public bool NeedsRaw =>
        (Has("bodyValues") && (FetchText || FetchHtml || FetchAll)) || (NeedsParts && (BodyHeaders.Count > 0 || Body.Contains("headers")));

    private bool NeedsParts => Has("bodyStructure") || Has("textBody") || Has("htmlBody") || Has("attachments");

    /// <summary>Id, mailboxes, keywords and the like only: the narrow row is enough.</summary>
    public bool NeedsContent => Names.Any(n => n is not ("id" or "blobId" or "threadId" or "mailboxIds" or "keywords" or "size" or "receivedAt"));

    public static EmailProperties Read(JmapArguments arguments, int maxBodyValue, bool isParse = false)
    {
        var names = arguments.OptionalStrings("properties") ?? (isParse ? [.. Defaults.Except(["id", "threadId", "mailboxIds", "keywords", "receivedAt"])] : Defaults);
        var body = arguments.OptionalStrings("bodyProperties") ?? BodyDefaults;
        Check(names, Known);
        Check(body, KnownBody);
        var max = arguments.OptionalCount("maxBodyValueBytes") ?? 0;
        return new EmailProperties(isParse ? names : [.. names.Prepend("id").Distinct(StringComparer.Ordinal)], body)
        {
            FetchText = arguments.Bool("fetchTextBodyValues"),
            FetchHtml = arguments.Bool("fetchHTMLBodyValues"),
            FetchAll = arguments.Bool("fetchAllBodyValues"),
            MaxBodyValue = max == 0 ? maxBodyValue : Math.Min(max, maxBodyValue),
        };
    }

    private static void Check(IReadOnlyList<string> names, HashSet<string> known)
    {
        if (names.FirstOrDefault(n => !known.Contains(n) && HeaderProperty.Parse(n) is null) is { } wrong)
        {
            throw MethodException.Invalid($"Unknown property: {wrong}");
        }
    }
}
