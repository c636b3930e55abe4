using System.Text.Json.Nodes;
using SaaS.Client.Jmap;
using SaaS.Domain.Submissions;

namespace SaaS.Api.Jmap.Submission;

/// <summary>RFC 8621 §6.2. The state names every identity, so that any two can be compared.</summary>
internal sealed class IdentityChangesMethod(IdentityService identities) : JmapMethod
{
    public override string Name => "Identity/changes";

    public override string Capability => JmapCapability.Submission;

    public override bool Sends => true;

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var since = call.Arguments.String("sinceState");
        if (call.Arguments.OptionalCount("maxChanges") is { } most && most == 0)
        {
            throw MethodException.Invalid("maxChanges must be above 0.");
        }

        var old = IdentityService.ReadState(since) ?? throw new MethodException("cannotCalculateChanges");
        var now = await identities.ListAsync(call.Account, ct);
        var there = now.Select(i => i.Id).ToHashSet();
        var response = call.Response();
        response["oldState"] = since;
        response["newState"] = IdentityService.StateOf(now);
        response["hasMoreChanges"] = false;
        response["created"] = now.Where(i => !old.ContainsKey(i.Id)).Select(i => JmapIds.OfIdentity(i.Id)).ToJson();
        response["updated"] = now.Where(i => old.TryGetValue(i.Id, out var modSeq) && modSeq != i.ModSeq).Select(i => JmapIds.OfIdentity(i.Id)).ToJson();
        response["destroyed"] = old.Keys.Where(id => !there.Contains(id)).Select(JmapIds.OfIdentity).ToJson();
        if (call.Arguments.OptionalCount("maxChanges") is { } max
            && new[] { "created", "updated", "destroyed" }.Sum(n => ((JsonArray)response[n]!).Count) > max)
        {
            throw new MethodException("cannotCalculateChanges");
        }

        return response;
    }
}
