using System.Text.Json.Nodes;
using SaaS.Api.Jmap.Mail;
using SaaS.Domain.Submissions;
using StoredIdentity = SaaS.Domain.Submissions.Identity;

namespace SaaS.Api.Jmap.Submission;

/// <summary>RFC 8621 §6.</summary>
internal static class IdentityJson
{
    public static readonly IReadOnlyList<string> Properties = ["id", "name", "email", "replyTo", "bcc", "textSignature", "htmlSignature", "mayDelete"];

    public static JsonObject Of(StoredIdentity identity, IReadOnlyList<StoredIdentity> all) => new()
    {
        ["id"] = JmapIds.OfIdentity(identity.Id),
        ["name"] = identity.Name,
        ["email"] = identity.Email,
        ["replyTo"] = identity.ReplyTo is { } replyTo ? JsonNode.Parse(replyTo) : null,
        ["bcc"] = null,
        ["textSignature"] = identity.TextSignature ?? "",
        ["htmlSignature"] = identity.HtmlSignature ?? "",
        ["mayDelete"] = IdentityService.MayDelete(identity, all),
    };

    public static IdentityChange Change(JsonObject json)
    {
        var values = new Values(json);
        var signatures = (Text: values.Text("textSignature"), Html: values.Text("htmlSignature"));
        if ((signatures.Text ?? "").Length > IdentityService.MaxSignature || (signatures.Html ?? "").Length > IdentityService.MaxSignature)
        {
            throw SetException.Invalid("htmlSignature", "Too long.");
        }

        var name = values.Text("name");
        if (name is { Length: > 255 } || (name ?? "").Any(char.IsControl))
        {
            throw SetException.Invalid("name", "At most 255 characters, no control characters.");
        }

        if (values.Array("bcc") is { Count: > 0 })
        {
            throw SetException.Invalid("bcc", "Not supported.");
        }

        return new IdentityChange
        {
            Name = values.Has("name") ? name ?? "" : null,
            ReplyTo = values.Array("replyTo")?.ToJsonString(),
            ClearReplyTo = values.Has("replyTo") && json["replyTo"] is null,
            TextSignature = values.Has("textSignature") ? signatures.Text ?? "" : null,
            HtmlSignature = values.Has("htmlSignature") ? signatures.Html ?? "" : null,
        };
    }
}
