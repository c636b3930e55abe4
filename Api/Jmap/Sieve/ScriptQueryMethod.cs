using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using SaaS.Api.Jmap.Mail;
using SaaS.Client.Jmap;
using SaaS.Domain.Sieve.Scripts;

namespace SaaS.Api.Jmap.Sieve;

/// <summary>RFC 9661 §2.3.</summary>
internal sealed class ScriptQueryMethod(SieveScriptService scripts, IOptions<JmapOptions> options) : JmapMethod
{
    public override string Name => "SieveScript/query";

    public override string Capability => JmapCapability.Sieve;

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var (all, state) = await scripts.ListAsync(call.Account, ct);
        var filter = call.Arguments.OptionalObject("filter");
        var matching = all.Where(s => filter is null || Matches(filter, s)).ToList();
        foreach (var item in (call.Arguments.OptionalArray("sort") ?? []).Reverse())
        {
            var read = new JmapArguments(item as JsonObject ?? throw JmapArguments.Wrong("sort"));
            var sign = read.Bool("isAscending", true) ? 1 : -1;
            Comparison<SieveScriptInfo> order = read.String("property") switch
            {
                "name" => (a, b) => sign * string.CompareOrdinal(a.Name, b.Name),
                "isActive" => (a, b) => sign * a.Active.CompareTo(b.Active),
                _ => throw new MethodException("unsupportedSort"),
            };
            matching = [.. matching.Order(Comparer<SieveScriptInfo>.Create(order))];
        }

        return QueryWindow.Response(
            call, ScriptJson.State(state), [.. matching.Select(s => JmapIds.OfScript(s.Id))], options.Value.MaxQueryResults, canCalculate: false);
    }

    private static bool Matches(JsonObject filter, SieveScriptInfo script)
    {
        var read = new JmapArguments(filter);
        if (read.OptionalString("operator") is { } op)
        {
            var parts = (read.OptionalArray("conditions") ?? throw MethodException.Invalid("conditions is missing."))
                .Select(c => Matches(c as JsonObject ?? throw JmapArguments.Wrong("conditions"), script));
            return op switch
            {
                "AND" => parts.All(p => p),
                "OR" => parts.Any(p => p),
                "NOT" => !parts.Any(p => p),
                _ => throw MethodException.Invalid("The operator is AND, OR or NOT."),
            };
        }

        return filter.All(condition => condition.Key switch
        {
            "name" => script.Name.Contains(read.String("name"), StringComparison.OrdinalIgnoreCase),
            "isActive" => script.Active == read.Bool("isActive"),
            var other => throw new MethodException("unsupportedFilter", $"Unknown condition: {other}"),
        });
    }
}
