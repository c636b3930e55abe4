using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;

namespace SaaS.Api.Jmap.Mail;

/// <summary>RFC 8621 §4.4.</summary>
internal sealed class EmailQueryMethod(EmailQueryService queries, IOptions<JmapOptions> options) : JmapMethod
{
    public override string Name => "Email/query";

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var arguments = call.Arguments;
        var limit = arguments.OptionalCount("limit");
        var max = options.Value.MaxQueryResults;
        var total = arguments.Bool("calculateTotal");
        var anchor = arguments.OptionalString("anchor");
        var result = await queries.QueryAsync(call.Account, new EmailQuery
        {
            Filter = EmailQueryArguments.Filter(call),
            Sort = EmailQueryArguments.Sort(arguments),
            CollapseThreads = arguments.Bool("collapseThreads"),
            Position = arguments.Int("position", 0),
            Anchor = anchor is null ? null : JmapIds.Email(anchor) ?? throw new MethodException("anchorNotFound"),
            AnchorOffset = arguments.Int("anchorOffset", 0),
            Limit = Math.Min(limit ?? max, max),
            CalculateTotal = total,
        }, ct);
        if (!result.Ok)
        {
            throw result.Refusal.Reason == RefusalReason.NotFound
                ? new MethodException("anchorNotFound")
                : new MethodException("unsupportedFilter", result.Refusal.Text);
        }

        var response = call.Response();
        response["queryState"] = result.Value.State.ToString();
        response["canCalculateChanges"] = EmailQueryArguments.CanCalculateChanges(arguments);
        response["position"] = result.Value.Position;
        response["ids"] = result.Value.Ids.Select(JmapIds.Of).ToJson();
        if (result.Value.Total is { } counted)
        {
            response["total"] = counted;
        }

        if (limit is null || limit > max)
        {
            response["limit"] = max;
        }

        return response;
    }
}
