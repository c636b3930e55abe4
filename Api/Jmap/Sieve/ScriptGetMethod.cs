using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using SaaS.Api.Jmap.Mail;
using SaaS.Client.Jmap;
using SaaS.Domain.Sieve.Scripts;

namespace SaaS.Api.Jmap.Sieve;

/// <summary>RFC 9661 §2.1.</summary>
internal sealed class ScriptGetMethod(SieveScriptService scripts, IOptions<JmapOptions> options) : JmapMethod
{
    public override string Name => "SieveScript/get";

    public override string Capability => JmapCapability.Sieve;

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var properties = GetArguments.Properties(call.Arguments, ScriptJson.Properties);
        var ids = call.Arguments.Ids("ids", options.Value.MaxObjectsInGet);
        var (all, state) = await scripts.ListAsync(call.Account, ct);
        var list = new JsonArray();
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var script in all)
        {
            var id = JmapIds.OfScript(script.Id);
            if (ids is null || ids.Contains(id, StringComparer.Ordinal))
            {
                found.Add(id);
                list.Add(GetArguments.Pick(ScriptJson.Of(script), properties));
            }
        }

        return GetArguments.Response(call, ScriptJson.State(state), list, (ids ?? []).Where(i => !found.Contains(i)));
    }
}
