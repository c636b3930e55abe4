using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;

namespace SaaS.Api.Jmap.Mail;

/// <summary>RFC 8621 §2.1. One row a mailbox; threads are counted only where asked for.</summary>
internal sealed class MailboxGetMethod(MailboxService mailboxes, EmailQueryService queries, IOptions<JmapOptions> options) : JmapMethod
{
    public override string Name => "Mailbox/get";

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var properties = GetArguments.Properties(call.Arguments, MailboxJson.Properties);
        var ids = call.Arguments.Ids("ids", options.Value.MaxObjectsInGet);
        var state = await queries.StateAsync(call.Account, ct);
        var all = await mailboxes.ListAsync(call.Account, ct);
        var wanted = ids is null ? all : [.. all.Where(m => ids.Contains(JmapIds.Of(m.Id), StringComparer.Ordinal))];
        var threads = properties.Contains("totalThreads", StringComparer.Ordinal) || properties.Contains("unreadThreads", StringComparer.Ordinal)
            ? await queries.ThreadCountsAsync(call.Account, [.. wanted.Select(m => m.Id)], ct)
            : null;
        var list = new JsonArray();
        foreach (var mailbox in wanted)
        {
            var unread = mailbox.DeletedCount == 0 ? mailbox.Unseen : await queries.VisibleUnreadAsync(call.Account, mailbox.Id, ct);
            list.Add(GetArguments.Pick(
                MailboxJson.Of(mailbox, all, unread, threads is null ? null : threads.GetValueOrDefault(mailbox.Id), call.Access.Rights), properties));
        }

        var found = wanted.Select(m => JmapIds.Of(m.Id)).ToHashSet(StringComparer.Ordinal);
        return GetArguments.Response(call, state.ToString(), list, (ids ?? []).Where(i => !found.Contains(i)));
    }
}
