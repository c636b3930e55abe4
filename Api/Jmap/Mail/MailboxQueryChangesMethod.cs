using System.Text.Json.Nodes;
using SaaS.Domain.Common;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;

namespace SaaS.Api.Jmap.Mail;

/// <summary>RFC 8621 §2.4. Counts move no mailbox; one that was renamed, hung elsewhere or subscribed takes its place anew.</summary>
internal sealed class MailboxQueryChangesMethod(MailboxService mailboxes, EmailQueryService queries) : JmapMethod
{
    public override string Name => "Mailbox/queryChanges";

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var since = new ModSeq(ChangesArguments.Number(call.Arguments.String("sinceQueryState")));
        var changes = await queries.MailboxChangesAsync(call.Account, since, int.MaxValue - 1, ct)
            ?? throw new MethodException("cannotCalculateChanges");

        // Read after the changes: a mailbox that changed in between is told again with the next question, in the place it has then.
        var all = await mailboxes.ListAsync(call.Account, ct);
        if (await queries.StateAsync(call.Account, ct) != changes.Through && all.Any(m => m.ChangedModSeq > changes.Through.Value))
        {
            throw new MethodException("cannotCalculateChanges");
        }

        var results = MailboxQueryMethod.Find(all, call.Arguments).ToList();
        var changed = all.Where(m => m.ChangedModSeq > since.Value || m.CreatedModSeq > since.Value).Select(m => m.Id).ToHashSet();
        if ((changed.Count > 0 || changes.Destroyed.Count > 0) && (call.Arguments.Bool("sortAsTree") || call.Arguments.Bool("filterAsTree")))
        {
            // What stands below goes along.
            changed = [.. all.Select(m => m.Id)];
        }

        return QueryChanges.Response(
            call, changes.Through.ToString(),
            [.. all.Where(m => changed.Contains(m.Id) && m.CreatedModSeq <= since.Value).Select(m => JmapIds.Of(m.Id)),
                .. changes.Destroyed.Select(id => JmapIds.Of(new MailboxId(id)))],
            [.. results.Select((m, i) => (m.Id, Index: i)).Where(x => changed.Contains(x.Id)).Select(x => (JmapIds.Of(x.Id), x.Index))],
            results.Count);
    }
}

/// <summary>What every /queryChanges answers (RFC 8620 §5.6).</summary>
internal static class QueryChanges
{
    public static JsonObject Response(
        MethodCall call, string state, IReadOnlyList<string> removed, IReadOnlyList<(string Id, int Index)> added, int total)
    {
        if (call.Arguments.OptionalCount("maxChanges") is { } most)
        {
            if (most == 0)
            {
                throw MethodException.Invalid("maxChanges must be above 0.");
            }

            if (removed.Count + added.Count > most)
            {
                throw new MethodException("tooManyChanges");
            }
        }

        var response = call.Response();
        response["oldQueryState"] = call.Arguments.String("sinceQueryState");
        response["newQueryState"] = state;
        if (call.Arguments.Bool("calculateTotal"))
        {
            response["total"] = total;
        }

        response["removed"] = removed.ToJson();
        response["added"] = new JsonArray([.. added.Select(a => new JsonObject { ["id"] = a.Id, ["index"] = a.Index })]);
        return response;
    }
}
