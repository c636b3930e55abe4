using System.Text.Json.Nodes;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;

namespace SaaS.Api.Jmap.Mail;

/// <summary>RFC 8621 §2.2.</summary>
internal sealed class MailboxChangesMethod(EmailQueryService queries) : JmapMethod
{
    public override string Name => "Mailbox/changes";

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var (since, max) = ChangesArguments.Read(call.Arguments);
        var changes = await queries.MailboxChangesAsync(call.Account, since, max, ct);
        var response = ChangesArguments.Response(call, changes, id => JmapIds.Of(new MailboxId(id)));
        response["updatedProperties"] = changes!.CountsOnly && changes.Updated.Count > 0
            ? new JsonArray("totalEmails", "unreadEmails", "totalThreads", "unreadThreads")
            : null;
        return response;
    }
}
