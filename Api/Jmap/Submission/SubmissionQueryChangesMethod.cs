using System.Text.Json.Nodes;
using SaaS.Api.Jmap.Mail;
using SaaS.Client.Jmap;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using SaaS.Domain.Submissions;

namespace SaaS.Api.Jmap.Submission;

/// <summary>RFC 8621 §7.4. Nothing is ever destroyed; what changed its undoStatus takes its place anew.</summary>
internal sealed class SubmissionQueryChangesMethod(SubmissionService submissions, EmailQueryService queries) : JmapMethod
{
    public override string Name => "EmailSubmission/queryChanges";

    public override string Capability => JmapCapability.Submission;

    public override bool Sends => true;

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var since = new ModSeq(ChangesArguments.Number(call.Arguments.String("sinceQueryState")));
        if (!await queries.RemembersAsync(call.Account, since, ct))
        {
            throw new MethodException("cannotCalculateChanges");
        }

        // One statement, and so one state: the highest modseq in it bounds what it holds.
        var state = await queries.StateAsync(call.Account, ct);
        var all = await submissions.AllAsync(call.Account, ct);
        if (all.Any(s => s.ModSeq > state.Value))
        {
            state = new ModSeq(all.Max(s => s.ModSeq));
        }

        var found = SubmissionQueryMethod.Find(all, call.Arguments);
        return QueryChanges.Response(
            call, state.ToString(),
            [.. all.Where(s => s.ModSeq > since.Value && s.Id <= since.Value).Select(s => JmapIds.OfSubmission(s.Id))],
            [.. found.Select((s, i) => (Submission: s, Index: i)).Where(x => x.Submission.ModSeq > since.Value)
                .Select(x => (JmapIds.OfSubmission(x.Submission.Id), x.Index))],
            found.Count);
    }
}
