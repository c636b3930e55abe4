using System.Text.Json.Nodes;
using SaaS.Api.Jmap.Mail;
using SaaS.Client.Jmap;
using SaaS.Domain.Messages;

namespace SaaS.Api.Jmap.Submission;

/// <summary>RFC 8621 §7.2.</summary>
internal sealed class SubmissionChangesMethod(EmailQueryService queries) : JmapMethod
{
    public override string Name => "EmailSubmission/changes";

    public override string Capability => JmapCapability.Submission;

    public override bool Sends => true;

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var (since, max) = ChangesArguments.Read(call.Arguments);
        return ChangesArguments.Response(call, await queries.SubmissionChangesAsync(call.Account, since, max, ct), JmapIds.OfSubmission);
    }
}
