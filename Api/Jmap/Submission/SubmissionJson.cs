using System.Text.Json.Nodes;
using SaaS.Domain.Submissions;

namespace SaaS.Api.Jmap.Submission;

/// <summary>RFC 8621 §7.</summary>
internal static class SubmissionJson
{
    public static readonly IReadOnlyList<string> Properties =
    [
        "id", "identityId", "emailId", "threadId", "envelope", "sendAt", "undoStatus", "deliveryStatus", "dsnBlobIds", "mdnBlobIds",
    ];

    public static JsonObject Of(EmailSubmission submission) => new()
    {
        ["id"] = JmapIds.OfSubmission(submission.Id),
        ["identityId"] = JmapIds.OfIdentity(submission.IdentityId),
        ["emailId"] = JmapIds.Of(submission.MessageId),
        ["threadId"] = JmapIds.Of(submission.ThreadId),
        ["envelope"] = new JsonObject
        {
            ["mailFrom"] = Address(submission.MailFrom),
            ["rcptTo"] = new JsonArray([.. submission.RcptTo.Select(r => (JsonNode)Address(r))]),
        },
        ["sendAt"] = submission.SendAt.Utc(),
        ["undoStatus"] = UndoStatusOf(submission),
        ["deliveryStatus"] = DeliveryStatus(submission),
        ["dsnBlobIds"] = new JsonArray(),
        ["mdnBlobIds"] = new JsonArray(),
    };

    public static string UndoStatusOf(EmailSubmission submission) => submission.UndoStatus switch
    {
        UndoStatus.Pending => "pending",
        UndoStatus.Final => "final",
        UndoStatus.Canceled => "canceled",
    };

    private static JsonObject Address(string email) => new() { ["email"] = email, ["parameters"] = null };

    /// <summary>What became of it here: handed on, or refused. What remote servers say comes back as mail.</summary>
    private static JsonObject? DeliveryStatus(EmailSubmission submission)
    {
        if (submission.UndoStatus != UndoStatus.Final)
        {
            return null;
        }

        var status = new JsonObject();
        foreach (var recipient in submission.RcptTo)
        {
            status[recipient] = new JsonObject
            {
                ["smtpReply"] = submission.Error ?? "250 2.0.0 Queued",
                ["delivered"] = submission.Error is null ? "queued" : "no",
                ["displayed"] = "unknown",
            };
        }

        return status;
    }
}
