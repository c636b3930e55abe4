using System.Text.Json.Nodes;
using SaaS.Domain.Messages;

namespace SaaS.Api.Jmap.Mail;

/// <summary>RFC 8621 §2.4: tells only that nothing changed; else the client asks again, which costs one small read.</summary>
internal sealed class MailboxQueryChangesMethod(EmailQueryService queries) : JmapMethod
{
    public override string Name => "Mailbox/queryChanges";

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct) =>
        QueryChanges.Unchanged(call, (await queries.StateAsync(call.Account, ct)).ToString());
}

internal static class QueryChanges
{
    /// <summary>An empty answer while the state is the same (RFC 8620 §5.6).</summary>
    public static JsonObject Unchanged(MethodCall call, string state)
    {
        if (call.Arguments.String("sinceQueryState") != state)
        {
            throw new MethodException("cannotCalculateChanges");
        }

        var response = call.Response();
        response["oldQueryState"] = state;
        response["newQueryState"] = state;
        response["removed"] = new JsonArray();
        response["added"] = new JsonArray();
        return response;
    }
}
