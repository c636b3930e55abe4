using System.Text.Json.Nodes;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;

namespace SaaS.Api.Jmap.Mail;

/// <summary>Where an email goes and with which keywords: the properties that create, import and update share.</summary>
internal static class EmailPlacement
{
    /// <summary>The one mailbox of a new email.</summary>
    public static MailboxId Mailbox(MethodCall call, Values values)
    {
        var ids = values.Set("mailboxIds") ?? [];
        return ids switch
        {
            [] => throw SetException.Invalid("mailboxIds", "An email is in a mailbox."),
            [var one] => JmapIds.Mailbox(call.Resolve(one)) ?? throw SetException.Invalid("mailboxIds", "No such mailbox."),
            _ => throw new SetException(SetErrors.Of("tooManyMailboxes", "An email is in one mailbox.", "mailboxIds")),
        };
    }

    public static (MessageFlags Flags, List<string> Keywords) Keywords(IReadOnlyList<string> keywords)
    {
        var flags = MessageFlags.None;
        var others = new List<string>();
        foreach (var keyword in keywords)
        {
            if (!EmailQueryKeywords.IsValid(keyword))
            {
                throw SetException.Invalid("keywords", "No keyword.");
            }

            var flag = EmailQueryKeywords.FlagOf(keyword);
            flags |= flag;
            if (flag == MessageFlags.None)
            {
                others.Add(keyword.ToLowerInvariant());
            }
        }

        return others.Count > MessageStore.MaxKeywords
            ? throw new SetException(SetErrors.Of("tooManyKeywords", $"At most {MessageStore.MaxKeywords}.", "keywords"))
            : (flags, others);
    }

    public static JsonObject Error(Refusal refusal) => refusal.Reason switch
    {
        RefusalReason.NotFound => SetErrors.Invalid("mailboxIds", "No such mailbox."),
        RefusalReason.LimitReached => SetErrors.Of("tooManyKeywords", refusal.Text, "keywords"),
        _ => SetErrors.Of(refusal),
    };

    public static JsonObject Created(Domain.Delivery.StoredMessage stored) => new()
    {
        ["id"] = JmapIds.Of(stored.Id),
        ["blobId"] = Blobs.BlobId.Of(stored.Content),
        ["threadId"] = JmapIds.Of(stored.Thread),
        ["size"] = stored.Size,
    };
}
