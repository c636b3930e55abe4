using System.Text.Json.Nodes;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;

namespace SaaS.Api.Jmap.Mail;

/// <summary>RFC 8621 §4.5. The mailbox is a mutable property, so that upToId does not cut (RFC 8620 §5.6).</summary>
internal sealed class EmailQueryChangesMethod(EmailQueryService queries) : JmapMethod
{
    public override string Name => "Email/queryChanges";

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var arguments = call.Arguments;
        var since = new ModSeq(ChangesArguments.Number(arguments.String("sinceQueryState")));
        _ = arguments.OptionalString("upToId");
        var query = new EmailQuery
        {
            Filter = EmailQueryArguments.Filter(call),
            Sort = EmailQueryArguments.Sort(arguments),
            CollapseThreads = arguments.Bool("collapseThreads"),
            Limit = int.MaxValue,
        };
        var delta = EmailQueryArguments.CanCalculateChanges(arguments) ? await queries.QueryChangesAsync(call.Account, query, since, ct) : null;
        return delta is null
            ? throw new MethodException("cannotCalculateChanges")
            : QueryChanges.Response(
                call, delta.State.ToString(), [.. delta.Removed.Select(JmapIds.Of)], [.. delta.Added.Select(a => (JmapIds.Of(a.Id), a.Index))], delta.Total);
    }
}
