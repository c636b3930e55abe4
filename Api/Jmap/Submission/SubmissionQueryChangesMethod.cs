using System.Text.Json.Nodes;
using SaaS.Api.Jmap.Mail;
using SaaS.Client.Jmap;
using SaaS.Domain.Messages;

namespace SaaS.Api.Jmap.Submission;

/// <summary>RFC 8621 §7.4: tells only that nothing changed.</summary>
internal sealed class SubmissionQueryChangesMethod(EmailQueryService queries) : JmapMethod
{
    public override string Name => "EmailSubmission/queryChanges";

    public override string Capability => JmapCapability.Submission;

    public override bool Sends => true;

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct) =>
        QueryChanges.Unchanged(call, (await queries.StateAsync(call.Account, ct)).ToString());
}
