using System.Text.Json.Nodes;
using SaaS.Domain.Messages;

namespace SaaS.Api.Jmap.Mail;

/// <summary>RFC 8621 §4.5: tells only that nothing changed; else the client asks for its window again, which is one index read.</summary>
internal sealed class EmailQueryChangesMethod(EmailQueryService queries) : JmapMethod
{
    public override string Name => "Email/queryChanges";

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        _ = EmailQueryArguments.Filter(call);
        _ = EmailQueryArguments.Sort(call.Arguments);
        return QueryChanges.Unchanged(call, (await queries.StateAsync(call.Account, ct)).ToString());
    }
}
