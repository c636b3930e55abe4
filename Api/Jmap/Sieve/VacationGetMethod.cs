using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using SaaS.Api.Jmap.Mail;
using SaaS.Client.Jmap;
using SaaS.Domain.Sieve.Scripts;
using StoredResponse = SaaS.Domain.Sieve.Scripts.VacationResponse;

namespace SaaS.Api.Jmap.Sieve;

/// <summary>RFC 8621 §8.1: there is one for each account.</summary>
internal sealed class VacationGetMethod(SieveScriptService scripts, IOptions<JmapOptions> options) : JmapMethod
{
    public const string Singleton = "singleton";
    private static readonly string[] Properties = ["id", "isEnabled", "fromDate", "toDate", "subject", "textBody", "htmlBody"];

    public override string Name => "VacationResponse/get";

    public override string Capability => JmapCapability.VacationResponse;

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var properties = GetArguments.Properties(call.Arguments, Properties);
        var ids = call.Arguments.Ids("ids", options.Value.MaxObjectsInGet);
        var list = new JsonArray();
        if (ids is null || ids.Contains(Singleton, StringComparer.Ordinal))
        {
            list.Add(GetArguments.Pick(Of(await scripts.VacationAsync(call.Account, ct)), properties));
        }

        var state = ScriptJson.State(await scripts.StateAsync(call.Account, ct));
        return GetArguments.Response(call, state, list, (ids ?? []).Where(i => i != Singleton));
    }

    private static JsonObject Of(StoredResponse response) => new()
    {
        ["id"] = Singleton,
        ["isEnabled"] = response.Enabled,
        ["fromDate"] = response.FromDate?.Utc(),
        ["toDate"] = response.ToDate?.Utc(),
        ["subject"] = response.Subject,
        ["textBody"] = response.TextBody,
        ["htmlBody"] = response.HtmlBody,
    };
}
