using SaaS.Client.Jmap;

namespace SaaS.Web.Webmail.Compose;

/// <summary>A file that goes along.</summary>
public sealed class DraftAttachment
{
    public required string Key { get; init; }
    public required string Name { get; init; }
    public required string Type { get; init; }
    public long Size { get; set; }

    /// <summary>Null while it is still on its way up.</summary>
    public string? BlobId { get; set; }

    /// <summary>0 to 100.</summary>
    public int Progress { get; set; }
    public string? Error { get; set; }

    /// <summary>The browser still has the file.</summary>
    public bool CanRetry { get; init; }

    /// <summary>Content-ID of a picture that stands in the text; null for a file beside it.</summary>
    public string? Cid { get; set; }
}

/// <summary>A message that is being written.</summary>
public sealed class Draft
{
    public string Key { get; init; } = Guid.NewGuid().ToString("N");

    /// <summary>The email in Drafts that holds the last saved state. Drafts are replaced, not changed (RFC 8621 §4.6).</summary>
    public string? EmailId { get; set; }
    public string? IdentityId { get; set; }
    public List<EmailAddress> To { get; } = [];
    public List<EmailAddress> Cc { get; } = [];
    public List<EmailAddress> Bcc { get; } = [];
    public string Subject { get; set; } = "";
    public string Html { get; set; } = "";
    public List<DraftAttachment> Attachments { get; } = [];

    /// <summary>Somebody saved this draft elsewhere meanwhile: both are kept.</summary>
    public bool Conflict { get; set; }
    public IReadOnlyList<string>? InReplyTo { get; set; }
    public IReadOnlyList<string>? References { get; set; }

    /// <summary>The email this answers or forwards, and the keyword it gets once this is sent.</summary>
    public string? AboutEmailId { get; set; }
    public string? AboutKeyword { get; set; }

    public IEnumerable<EmailAddress> Everyone => To.Concat(Cc).Concat(Bcc);
    public bool Uploading => Attachments.Exists(a => a.BlobId is null && a.Error is null);

    // A picture that was deleted from the text stays at home.
    private bool Goes(DraftAttachment a) => a.BlobId is not null && (a.Cid is null || Html.Contains("cid:" + a.Cid, StringComparison.Ordinal));

    /// <summary>The email as it is saved or sent.</summary>
    public Email ToEmail(Identity? from, string mailboxId, bool draft)
    {
        var keywords = new Dictionary<string, bool> { [Keyword.Seen] = true };
        if (draft)
        {
            keywords[Keyword.Draft] = true;
        }

        return new Email
        {
            MailboxIds = new Dictionary<string, bool> { [mailboxId] = true },
            Keywords = keywords,
            From = from is null ? null : [new EmailAddress(from.Name, from.Email)],
            ReplyTo = from?.ReplyTo is { Count: > 0 } reply ? reply : null,
            To = To.Count > 0 ? To : null,
            Cc = Cc.Count > 0 ? Cc : null,
            Bcc = Bcc.Count > 0 ? Bcc : null,
            Subject = Subject,
            InReplyTo = InReplyTo,
            References = References,
            BodyValues = new Dictionary<string, EmailBodyValue>
            {
                ["text"] = new() { Value = Reading.MailHtml.ToText(Html) },
                ["html"] = new() { Value = Html },
            },
            TextBody = [new EmailBodyPart { PartId = "text", Type = "text/plain" }],
            HtmlBody = [new EmailBodyPart { PartId = "html", Type = "text/html" }],
            Attachments = Attachments.Any(Goes)
                ? [.. Attachments.Where(Goes).Select(a => new EmailBodyPart
                {
                    BlobId = a.BlobId, Type = a.Type, Name = a.Name, Disposition = a.Cid is null ? "attachment" : "inline", Cid = a.Cid,
                })]
                : null,
        };
    }
}
