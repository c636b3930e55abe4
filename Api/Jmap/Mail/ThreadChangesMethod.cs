using System.Text.Json.Nodes;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;

namespace SaaS.Api.Jmap.Mail;

/// <summary>RFC 8621 §3.2.</summary>
internal sealed class ThreadChangesMethod(EmailQueryService queries) : JmapMethod
{
    public override string Name => "Thread/changes";

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var (since, max) = ChangesArguments.Read(call.Arguments);
        var changes = await queries.ThreadChangesAsync(call.Account, since, max, ct);
        return ChangesArguments.Response(call, changes, id => JmapIds.Of(new ThreadId(id)));
    }
}
