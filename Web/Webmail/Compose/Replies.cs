using System.Globalization;
using System.Net;
using System.Text;
using SaaS.Client.Jmap;
using SaaS.Web.Webmail.Reading;

namespace SaaS.Web.Webmail.Compose;

/// <summary>Makes drafts out of messages: reply, reply to all, forward, and a draft opened again.</summary>
public sealed class Replies(MailHtml html, IReadOnlyList<Identity> identities)
{
    public Draft New(string? mailto = null)
    {
        var draft = new Draft { IdentityId = identities.Front()?.Id };
        var body = "";
        if (mailto is not null && mailto.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
        {
            body = FromMailto(mailto[7..], draft);
        }

        draft.Html = body + Signature(identities.Front());
        return draft;
    }

    public Draft Reply(Email email, bool all)
    {
        var me = Mine(email);
        var draft = About(email, me, "Re: ", Keyword.Answered);
        var answerTo = email.ReplyTo is { Count: > 0 } r ? r : email.From ?? [];
        if (answerTo.All(IsMine) && email.To is { Count: > 0 })
        {
            answerTo = email.To; // answering what I wrote myself goes on to those I wrote to
        }

        Add(draft.To, answerTo, draft, keepMine: true);
        if (all)
        {
            Add(draft.To, email.To ?? [], draft, keepMine: false);
            Add(draft.Cc, email.Cc ?? [], draft, keepMine: false);
        }

        draft.InReplyTo = email.MessageId;
        draft.References = [.. (email.References ?? email.InReplyTo ?? []).Concat(email.MessageId ?? []).Distinct(StringComparer.Ordinal).TakeLast(40)];
        draft.Html = "<p><br></p>" + Signature(me)
            + $"<p><br></p><p>On {Encode(When(email))}, {Encode(email.From.Front()?.ToString() ?? "someone")} wrote:</p>"
            + $"<blockquote>{Body(email)}</blockquote>";
        return draft;
    }

    /// <summary>An answer to all goes to somebody whom an answer alone does not reach; a group's address is one too.</summary>
    public bool ReachesMore(Email email)
    {
        var answerTo = email.ReplyTo is { Count: > 0 } r ? r : email.From ?? [];
        var mine = answerTo.All(IsMine);
        return (mine ? [] : email.To ?? []).Concat(email.Cc ?? [])
            .Any(a => !IsMine(a) && !answerTo.Any(x => string.Equals(x.Email, a.Email, StringComparison.OrdinalIgnoreCase)));
    }

    public Draft Forward(Email email)
    {
        var me = Mine(email);
        var draft = About(email, me, "Fwd: ", Keyword.Forwarded);
        foreach (var part in email.Attachments ?? [])
        {
            draft.Attachments.Add(new DraftAttachment
            {
                Key = Guid.NewGuid().ToString("N"),
                Name = part.Name ?? "attachment",
                Type = part.Type ?? "application/octet-stream",
                Size = part.Size ?? 0,
                BlobId = part.BlobId,
                Progress = 100,
            });
        }

        var head = new StringBuilder("<p>---------- Forwarded message ----------<br>");
        head.Append("From: ").Append(Encode(Names(email.From))).Append("<br>Date: ").Append(Encode(When(email)))
            .Append("<br>Subject: ").Append(Encode(email.Subject ?? "")).Append("<br>To: ").Append(Encode(Names(email.To))).Append("</p>");
        draft.Html = "<p><br></p>" + Signature(me) + head + Body(email);
        return draft;
    }

    /// <summary>A draft from the Drafts folder. Its HTML is mail like any other and passes the sanitiser again.</summary>
    public Draft Reopen(Email email)
    {
        var from = email.From.Front()?.Email;
        var draft = new Draft
        {
            EmailId = email.Id,
            Subject = email.Subject ?? "",
            IdentityId = (identities.FirstOrDefault(i => string.Equals(i.Email, from, StringComparison.OrdinalIgnoreCase))
                ?? identities.Front())?.Id,
            InReplyTo = email.InReplyTo,
            References = email.References,
            Html = Body(email, pictures: true),
        };
        draft.To.AddRange(email.To ?? []);
        draft.Cc.AddRange(email.Cc ?? []);
        draft.Bcc.AddRange(email.Bcc ?? []);
        foreach (var part in email.Attachments ?? [])
        {
            draft.Attachments.Add(new DraftAttachment
            {
                Key = Guid.NewGuid().ToString("N"),
                Name = part.Name ?? "attachment",
                Type = part.Type ?? "application/octet-stream",
                Size = part.Size ?? 0,
                BlobId = part.BlobId,
                Progress = 100,
                Cid = part.Disposition == "inline" && part.Cid is { Length: > 0 } cid && draft.Html.Contains("cid:" + cid, StringComparison.Ordinal) ? cid : null,
            });
        }

        return draft;
    }

    public string Signature(Identity? identity)
    {
        var own = identity?.HtmlSignature is { Length: > 0 } rich ? html.ForEditor(rich)
            : identity?.TextSignature is { Length: > 0 } plain ? Paragraphs(plain) : "";
        return own.Length == 0 ? "" : $"<div>-- </div><div>{own}</div>";
    }

    private static string Encode(string text) => WebUtility.HtmlEncode(text);

    private static string Names(IReadOnlyList<EmailAddress>? list) => string.Join(", ", (list ?? []).Select(a =>
        string.IsNullOrEmpty(a.Name) ? a.Email : $"{a.Name} <{a.Email}>"));

    private static string When(Email email) =>
        (email.SentAt ?? email.ReceivedAt ?? DateTimeOffset.UnixEpoch).ToString("ddd, d MMM yyyy 'at' HH:mm", CultureInfo.CurrentCulture);

    internal static string Paragraphs(string text) =>
        string.Concat(text.ReplaceLineEndings("\n").Split('\n').Select(l => $"<div>{(l.Length == 0 ? "<br>" : Encode(l))}</div>"));

    private static string Prefixed(string prefix, string? subject)
    {
        var text = (subject ?? "").Trim();
        return text.StartsWith(prefix.Trim(), StringComparison.OrdinalIgnoreCase) ? text : prefix + text;
    }

    private static string FromMailto(string rest, Draft draft)
    {
        var mark = rest.IndexOf('?', StringComparison.Ordinal);
        draft.To.AddRange(Recipients.Parse(Uri.UnescapeDataString(mark < 0 ? rest : rest[..mark])));
        var body = "";
        foreach (var pair in mark < 0 ? [] : rest[(mark + 1)..].Split('&'))
        {
            var (name, value) = pair.Split('=', 2) is [var n, var v] ? (n, Uri.UnescapeDataString(v)) : (pair, "");
            switch (name.ToLowerInvariant())
            {
                case "subject":
                    draft.Subject = value.ReplaceLineEndings(" ");
                    break;
                case "cc":
                    draft.Cc.AddRange(Recipients.Parse(value));
                    break;
                case "bcc":
                    draft.Bcc.AddRange(Recipients.Parse(value));
                    break;
                case "body":
                    body = Paragraphs(value);
                    break;
                default:
                    break; // a mailto link sets no other header: it is a stranger's text
            }
        }

        return body;
    }

    private static Draft About(Email email, Identity? me, string prefix, string keyword) => new()
    {
        IdentityId = me?.Id,
        Subject = Prefixed(prefix, email.Subject),
        AboutEmailId = email.Id,
        AboutKeyword = keyword,
    };

    private bool IsMine(EmailAddress address) =>
        identities.Any(i => string.Equals(i.Email, address.Email, StringComparison.OrdinalIgnoreCase));

    private Identity? Mine(Email email) =>
        identities.FirstOrDefault(i => (email.To ?? []).Concat(email.Cc ?? []).Concat(email.From ?? [])
            .Any(a => string.Equals(a.Email, i.Email, StringComparison.OrdinalIgnoreCase)))
        ?? identities.Front();

    private void Add(List<EmailAddress> list, IEnumerable<EmailAddress> addresses, Draft draft, bool keepMine)
    {
        foreach (var address in addresses)
        {
            if ((keepMine || !IsMine(address))
                && !draft.Everyone.Any(a => string.Equals(a.Email, address.Email, StringComparison.OrdinalIgnoreCase)))
            {
                list.Add(address);
            }
        }
    }

    private string Body(Email email, bool pictures = false)
    {
        var parts = email.HtmlBody ?? email.TextBody ?? [];
        var body = new StringBuilder();
        foreach (var part in parts)
        {
            if (part.PartId is not { } id || email.BodyValues?.GetValueOrDefault(id) is not { } value)
            {
                continue;
            }

            body.Append(part.Type == "text/html" ? html.ForEditor(value.Value, pictures) : Paragraphs(value.Value));
        }

        return body.ToString();
    }
}
