using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using SaaS.Api.Jmap.Mail;
using SaaS.Client.Jmap;
using SaaS.Domain.Common;
using SaaS.Domain.Submissions;

namespace SaaS.Api.Jmap.Submission;

/// <summary>RFC 8621 §6.3.</summary>
internal sealed class IdentitySetMethod(IdentityService identities, IOptions<JmapOptions> options) : JmapMethod
{
    public override string Name => "Identity/set";

    public override string Capability => JmapCapability.Submission;

    public override bool Sends => true;

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var run = new SetRun(call, options.Value.MaxObjectsInSet);
        var oldState = IdentityService.StateOf(await identities.ListAsync(call.Account, ct));
        run.CheckState(oldState);
        await run.CreateEachAsync(async o =>
        {
            new Values(o).RefuseUnknown("name", "email", "replyTo", "bcc", "textSignature", "htmlSignature");
            var email = new Values(o).Text("email") ?? throw SetException.Invalid("email", "An identity has an address.");
            var made = await identities.CreateAsync(call.Account, email, IdentityJson.Change(o), ct);
            return made.Ok
                ? new JsonObject { ["id"] = JmapIds.OfIdentity(made.Value.Id), ["mayDelete"] = true }
                : throw new SetException(made.Refusal.Reason == RefusalReason.SenderNotAllowed
                    ? SetErrors.Of("forbiddenFrom", made.Refusal.Text, "email")
                    : SetErrors.Of(made.Refusal));
        });
        await run.UpdateEachAsync(async (id, patch) =>
        {
            new Values(patch).RefuseUnknown("name", "replyTo", "bcc", "textSignature", "htmlSignature");
            var number = JmapIds.Identity(id) ?? throw new SetException(SetErrors.NotFound());
            var changed = await identities.UpdateAsync(call.Account, number, IdentityJson.Change(patch), ct);
            return changed.Ok ? null : throw new SetException(SetErrors.Of(changed.Refusal));
        });
        await run.DestroyEachAsync(async id =>
        {
            var number = JmapIds.Identity(id) ?? throw new SetException(SetErrors.NotFound());
            if (await identities.DeleteAsync(call.Account, number, ct) is { } refusal)
            {
                throw new SetException(SetErrors.Of(refusal));
            }
        });
        return run.Response(oldState, IdentityService.StateOf(await identities.ListAsync(call.Account, ct)));
    }
}
