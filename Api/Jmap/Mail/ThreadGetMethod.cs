using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using SaaS.Domain.Messages;

namespace SaaS.Api.Jmap.Mail;

/// <summary>RFC 8621 §3.1.</summary>
internal sealed class ThreadGetMethod(EmailQueryService queries, IOptions<JmapOptions> options) : JmapMethod
{
    private static readonly string[] Known = ["id", "emailIds"];

    public override string Name => "Thread/get";

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var properties = GetArguments.Properties(call.Arguments, Known);
        var ids = call.Arguments.Ids("ids", options.Value.MaxObjectsInGet)
            ?? throw new MethodException("requestTooLarge", "Name the threads.");
        var state = await queries.StateAsync(call.Account, ct);
        var found = await queries.ThreadsAsync(call.Account, [.. ids.Select(JmapIds.Thread).OfType<Domain.Common.ThreadId>()], ct);
        var list = new JsonArray();
        var missing = new List<string>();
        foreach (var id in ids)
        {
            if (JmapIds.Thread(id) is { } thread && found.TryGetValue(thread, out var emails))
            {
                list.Add(GetArguments.Pick(new JsonObject { ["id"] = id, ["emailIds"] = emails.Select(JmapIds.Of).ToJson() }, properties));
            }
            else
            {
                missing.Add(id);
            }
        }

        return GetArguments.Response(call, state.ToString(), list, missing);
    }
}
