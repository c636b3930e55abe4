using System.Text.Json.Nodes;
using SaaS.Client.Jmap;
using SaaS.Domain.Submissions;

namespace SaaS.Api.Jmap.Submission;

/// <summary>RFC 8621 §6.2: tells only that nothing changed; there are so few that the client reads them again.</summary>
internal sealed class IdentityChangesMethod(IdentityService identities) : JmapMethod
{
    public override string Name => "Identity/changes";

    public override string Capability => JmapCapability.Submission;

    public override bool Sends => true;

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var state = IdentityService.StateOf(await identities.ListAsync(call.Account, ct));
        if (call.Arguments.String("sinceState") != state)
        {
            throw new MethodException("cannotCalculateChanges");
        }

        var response = call.Response();
        response["oldState"] = state;
        response["newState"] = state;
        response["hasMoreChanges"] = false;
        response["created"] = new JsonArray();
        response["updated"] = new JsonArray();
        response["destroyed"] = new JsonArray();
        return response;
    }
}
