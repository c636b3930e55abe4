using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using SaaS.Api.Jmap.Mail;
using SaaS.Client.Jmap;
using SaaS.Domain.Submissions;

namespace SaaS.Api.Jmap.Submission;

/// <summary>RFC 8621 §6.1.</summary>
internal sealed class IdentityGetMethod(IdentityService identities, IOptions<JmapOptions> options) : JmapMethod
{
    public override string Name => "Identity/get";

    public override string Capability => JmapCapability.Submission;

    public override bool Sends => true;

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var properties = GetArguments.Properties(call.Arguments, IdentityJson.Properties);
        var ids = call.Arguments.Ids("ids", options.Value.MaxObjectsInGet);
        var all = await identities.ListAsync(call.Account, ct);
        var list = new JsonArray();
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var identity in all)
        {
            var id = JmapIds.OfIdentity(identity.Id);
            if (ids is null || ids.Contains(id, StringComparer.Ordinal))
            {
                found.Add(id);
                list.Add(GetArguments.Pick(IdentityJson.Of(identity, all), properties));
            }
        }

        return GetArguments.Response(call, IdentityService.StateOf(all), list, (ids ?? []).Where(i => !found.Contains(i)));
    }
}
