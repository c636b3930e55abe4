using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using SaaS.Domain.Common;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;

namespace SaaS.Api.Jmap.Mail;

/// <summary>RFC 8621 §2.5.</summary>
internal sealed class MailboxSetMethod(MailboxService mailboxes, EmailQueryService queries, IOptions<JmapOptions> options) : JmapMethod
{
    public override string Name => "Mailbox/set";

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var run = new SetRun(call, options.Value.MaxObjectsInSet);
        var removeEmails = call.Arguments.Bool("onDestroyRemoveEmails");
        var oldState = (await queries.StateAsync(call.Account, ct)).ToString();
        run.CheckState(oldState);
        await run.CreateEachAsync(o => CreateAsync(call, o, ct));
        await run.UpdateEachAsync((id, patch) => UpdateAsync(call, id, patch, ct));

        // Children before their parents, whatever the order they are named in.
        var all = await mailboxes.ListAsync(call.Account, ct);
        var depth = all.ToDictionary(m => JmapIds.Of(m.Id), m => m.Name.Count(c => c == '/'), StringComparer.Ordinal);
        var ordered = new SetRunOrder(run.Destroy.OrderByDescending(id => depth.GetValueOrDefault(call.Resolve(id) ?? id)));
        await ordered.EachAsync(run, call, id => DestroyAsync(call, id, removeEmails, ct));
        return run.Response(oldState, (await queries.StateAsync(call.Account, ct)).ToString());
    }

    private async Task<JsonObject> CreateAsync(MethodCall call, JsonObject o, CancellationToken ct)
    {
        var values = new Values(o);
        var name = values.Text("name") ?? throw SetException.Invalid("name", "A mailbox needs a name.");
        CheckLeaf(name);
        var use = UseOf(values);
        var parent = values.Text("parentId") is { } id
            ? await FindAsync(call, id, ct) ?? throw SetException.Invalid("parentId", "No such mailbox.")
            : null;
        values.RefuseUnknown("name", "parentId", "role", "sortOrder", "isSubscribed");
        var made = await mailboxes.CreateAsync(
            call.Account, parent is null ? name : $"{parent.Name}/{name}", use ?? SpecialUse.None, values.Bool("isSubscribed") ?? false, ct);
        if (!made.Ok)
        {
            throw new SetException(Error(made.Refusal));
        }

        if (values.Number("sortOrder") is { } order && order != made.Value.SortOrder)
        {
            made = await mailboxes.UpdateAsync(call.Account, made.Value.Id, null, null, order, ct);
        }

        var mailbox = made.Value!;
        var json = MailboxJson.Of(mailbox, await mailboxes.ListAsync(call.Account, ct), 0, (0, 0), call.Access.Rights);
        return GetArguments.Pick(json, ["id", "totalEmails", "unreadEmails", "totalThreads", "unreadThreads", "myRights", "sortOrder", "isSubscribed"]);
    }

    private async Task<JsonObject?> UpdateAsync(MethodCall call, string id, JsonObject patch, CancellationToken ct)
    {
        var mailbox = await FindAsync(call, id, ct) ?? throw new SetException(SetErrors.NotFound());
        var values = new Values(patch);
        values.RefuseUnknown("name", "parentId", "role", "sortOrder", "isSubscribed");
        if (patch.ContainsKey("name") || patch.ContainsKey("parentId"))
        {
            var leaf = patch.ContainsKey("name")
                ? values.Text("name") ?? throw SetException.Invalid("name", "A mailbox needs a name.")
                : MailboxJson.LeafOf(mailbox.Name);
            if (patch.ContainsKey("name"))
            {
                CheckLeaf(leaf);
            }

            var parentPath = MailboxJson.ParentPath(mailbox.Name);
            if (patch.ContainsKey("parentId"))
            {
                parentPath = values.Text("parentId") is { } parentId
                    ? (await FindAsync(call, parentId, ct) ?? throw SetException.Invalid("parentId", "No such mailbox.")).Name
                    : null;
            }

            var path = parentPath is null ? leaf : $"{parentPath}/{leaf}";
            if (path != mailbox.Name)
            {
                if (mailbox.SpecialUse == SpecialUse.Inbox)
                {
                    throw new SetException(SetErrors.Of("forbidden", "The inbox keeps its name."));
                }

                if (path.StartsWith(mailbox.Name + "/", StringComparison.Ordinal))
                {
                    throw SetException.Invalid("parentId", "A mailbox cannot be inside itself.");
                }

                var renamed = await mailboxes.RenameAsync(call.Account, mailbox.Id, path, ct);
                if (!renamed.Ok)
                {
                    throw new SetException(Error(renamed.Refusal));
                }
            }
        }

        if (patch.ContainsKey("role") || patch.ContainsKey("sortOrder") || patch.ContainsKey("isSubscribed"))
        {
            SpecialUse? use = patch.ContainsKey("role") ? UseOf(values) ?? SpecialUse.None : null;
            if (use == mailbox.SpecialUse)
            {
                use = null;
            }

            var changed = await mailboxes.UpdateAsync(call.Account, mailbox.Id, values.Bool("isSubscribed"), use, values.Number("sortOrder"), ct);
            if (!changed.Ok)
            {
                throw new SetException(Error(changed.Refusal));
            }
        }

        return null;
    }

    private async Task DestroyAsync(MethodCall call, string id, bool removeEmails, CancellationToken ct)
    {
        var mailbox = JmapIds.Mailbox(id) ?? throw new SetException(SetErrors.NotFound());
        if (await mailboxes.DeleteAsync(call.Account, mailbox, onlyIfEmpty: !removeEmails, ct) is { } refusal)
        {
            throw new SetException(refusal.Reason switch
            {
                RefusalReason.HasChildren => SetErrors.Of("mailboxHasChild", refusal.Text),
                RefusalReason.Conflict => SetErrors.Of("mailboxHasEmail", refusal.Text),
                _ => SetErrors.Of(refusal),
            });
        }
    }

    private async Task<Mailbox?> FindAsync(MethodCall call, string id, CancellationToken ct) =>
        JmapIds.Mailbox(call.Resolve(id)) is { } mailbox ? await mailboxes.GetAsync(call.Account, mailbox, ct) : null;

    private static SpecialUse? UseOf(Values values) => values.Text("role") is not { } role
        ? null
        : MailboxJson.UseOf(role) ?? throw SetException.Invalid("role", "Unknown role.");

    private static void CheckLeaf(string name)
    {
        if (name.Length == 0 || name.Contains('/', StringComparison.Ordinal) || name.Any(char.IsControl))
        {
            throw SetException.Invalid("name", "1 to 255 characters, without / and control characters.");
        }
    }

    private static JsonObject Error(Refusal refusal) =>
        refusal.Reason == RefusalReason.AlreadyExists ? SetErrors.Invalid("name", refusal.Text) : SetErrors.Of(refusal);

    private sealed class SetRunOrder(IEnumerable<string> ids)
    {
        public async Task EachAsync(SetRun run, MethodCall call, Func<string, Task> destroy)
        {
            foreach (var key in ids)
            {
                var id = call.Resolve(key) ?? key;
                try
                {
                    await destroy(id);
                    run.Destroyed.Add(id);
                }
                catch (SetException e)
                {
                    run.NotDestroyed[id] = e.Error;
                }
            }
        }
    }
}
