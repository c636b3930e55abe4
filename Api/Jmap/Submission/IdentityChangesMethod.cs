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
        var max = call.Arguments.OptionalCount("maxChanges");
        if (max == 0)
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
        List<string> created = [.. now.Where(i => !old.ContainsKey(i.Id)).Select(i => JmapIds.OfIdentity(i.Id))];
        List<string> updated = [.. now.Where(i => old.TryGetValue(i.Id, out var modSeq) && modSeq != i.ModSeq).Select(i => JmapIds.OfIdentity(i.Id))];
        List<string> destroyed = [.. old.Keys.Where(id => !there.Contains(id)).Select(JmapIds.OfIdentity)];
        if (created.Count + updated.Count + destroyed.Count > (max ?? int.MaxValue))
        {
            throw new MethodException("cannotCalculateChanges");
        }

        response["created"] = created.ToJson();
        response["updated"] = updated.ToJson();
        response["destroyed"] = destroyed.ToJson();
        return response;
    }
}
