using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using SaaS.Api.Jmap.Mail;
using SaaS.Client.Jmap;
using SaaS.Domain.Sieve.Scripts;

namespace SaaS.Api.Jmap.Sieve;

/// <summary>RFC 8621 §8.2.</summary>
internal sealed class VacationSetMethod(SieveScriptService scripts, IOptions<JmapOptions> options) : JmapMethod
{
    public override string Name => "VacationResponse/set";

    public override string Capability => JmapCapability.VacationResponse;

    /// <summary>Scripts redirect and answer: who may set them may send.</summary>
    public override bool Sends => true;

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var run = new SetRun(call, options.Value.MaxObjectsInSet);
        var oldState = ScriptJson.State(await scripts.StateAsync(call.Account, ct));
        run.CheckState(oldState);
        await run.CreateEachAsync(_ => throw new SetException(SetErrors.Of("singleton", "There is one already.")));
        await run.UpdateEachAsync(async (id, patch) =>
        {
            if (id != VacationGetMethod.Singleton)
            {
                throw new SetException(SetErrors.NotFound());
            }

            var values = new Values(patch);
            values.RefuseUnknown("isEnabled", "fromDate", "toDate", "subject", "textBody", "htmlBody");
            var response = await scripts.VacationAsync(call.Account, ct);
            response.Enabled = values.Bool("isEnabled") ?? (values.Has("isEnabled") ? throw Values.Wrong("isEnabled") : response.Enabled);
            response.FromDate = values.Has("fromDate") ? values.Date("fromDate") : response.FromDate;
            response.ToDate = values.Has("toDate") ? values.Date("toDate") : response.ToDate;
            response.Subject = values.Has("subject") ? values.Text("subject") : response.Subject;
            response.TextBody = values.Has("textBody") ? values.Text("textBody") : response.TextBody;
            response.HtmlBody = values.Has("htmlBody") ? values.Text("htmlBody") : response.HtmlBody;
            return await scripts.SetVacationAsync(call.Account, response, ct) is { } refusal ? throw new SetException(SetErrors.Of(refusal)) : null;
        });
        await run.DestroyEachAsync(_ => throw new SetException(SetErrors.Of("singleton", "It cannot be destroyed, only switched off.")));
        return run.Response(oldState, ScriptJson.State(await scripts.StateAsync(call.Account, ct)));
    }
}
