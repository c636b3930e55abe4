using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using SaaS.Api.Jmap.Mail;
using SaaS.Client.Jmap;
using SaaS.Domain.Messages;
using SaaS.Domain.Submissions;

namespace SaaS.Api.Jmap.Submission;

/// <summary>RFC 8621 §7.1.</summary>
internal sealed class SubmissionGetMethod(SubmissionService submissions, EmailQueryService queries, IOptions<JmapOptions> options) : JmapMethod
{
    public override string Name => "EmailSubmission/get";

    public override string Capability => JmapCapability.Submission;

    public override bool Sends => true;

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var properties = GetArguments.Properties(call.Arguments, SubmissionJson.Properties);
        var ids = call.Arguments.Ids("ids", options.Value.MaxObjectsInGet);
        var state = await queries.StateAsync(call.Account, ct);
        var found = await submissions.GetAsync(call.Account, ids?.Select(JmapIds.Submission).OfType<long>().ToList(), ct);
        var names = found.Select(s => JmapIds.OfSubmission(s.Id)).ToHashSet(StringComparer.Ordinal);
        return GetArguments.Response(
            call, state.ToString(), new JsonArray([.. found.Select(s => (JsonNode)GetArguments.Pick(SubmissionJson.Of(s), properties))]),
            (ids ?? []).Where(i => !names.Contains(i)));
    }
}
