using SaaS.Client.Jmap;

namespace SaaS.Web.Webmail.Compose;

/// <summary>What the browser keeps of a message until the server has it, beside its text: enough to go on after the connection was lost for good.</summary>
public sealed record Kept(
    string? EmailId, string? IdentityId, IReadOnlyList<EmailAddress>? To, IReadOnlyList<EmailAddress>? Cc, IReadOnlyList<EmailAddress>? Bcc,
    string? Subject, IReadOnlyList<string>? InReplyTo, IReadOnlyList<string>? References, string? AboutEmailId, string? AboutKeyword,
    IReadOnlyList<KeptFile>? Files)
{
    public static Kept Of(Draft d) => new(
        d.EmailId, d.IdentityId, [.. d.To], [.. d.Cc], [.. d.Bcc], d.Subject, d.InReplyTo, d.References, d.AboutEmailId, d.AboutKeyword,
        [.. d.Attachments.Where(a => a.BlobId is not null).Select(a => new KeptFile(a.Name, a.Type, a.Size, a.BlobId!, a.Cid))]);

    /// <summary>The message again, with this text.</summary>
    public Draft ToDraft(string html)
    {
        var draft = new Draft
        {
            EmailId = EmailId,
            IdentityId = IdentityId,
            Subject = Subject ?? "",
            InReplyTo = InReplyTo,
            References = References,
            AboutEmailId = AboutEmailId,
            AboutKeyword = AboutKeyword,
            Html = html,
        };
        draft.To.AddRange(To ?? []);
        draft.Cc.AddRange(Cc ?? []);
        draft.Bcc.AddRange(Bcc ?? []);
        draft.Attachments.AddRange((Files ?? []).Select(f => new DraftAttachment
        {
            Key = Guid.NewGuid().ToString("N"),
            Name = f.Name,
            Type = f.Type,
            Size = f.Size,
            BlobId = f.BlobId,
            Cid = f.Cid,
            Progress = 100,
        }));
        return draft;
    }
}

/// <summary>A file that was uploaded already.</summary>
public sealed record KeptFile(string Name, string Type, long Size, string BlobId, string? Cid);
