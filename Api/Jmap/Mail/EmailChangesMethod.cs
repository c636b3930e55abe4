using System.Text.Json.Nodes;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;

namespace SaaS.Api.Jmap.Mail;

/// <summary>RFC 8621 §4.3.</summary>
internal sealed class EmailChangesMethod(EmailQueryService queries) : JmapMethod
{
    public override string Name => "Email/changes";

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var (since, max) = ChangesArguments.Read(call.Arguments);
        var changes = await queries.EmailChangesAsync(call.Account, since, max, ct);
        return ChangesArguments.Response(call, changes, id => JmapIds.Of(new MessageId(id)));
    }
}
