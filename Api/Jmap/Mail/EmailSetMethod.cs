using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using SaaS.Api.Jmap.Blobs;
using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.Domain.Learning;
using SaaS.Domain.Messages;

namespace SaaS.Api.Jmap.Mail;

/// <summary>RFC 8621 §4.6.</summary>
internal sealed class EmailSetMethod(
    MessageStore store, EmailQueryService queries, EmailComposer composer, BlobReader blobs, IOptions<JmapOptions> options) : JmapMethod
{
    public override string Name => "Email/set";

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var run = new SetRun(call, options.Value.MaxObjectsInSet);
        var oldState = (await queries.StateAsync(call.Account, ct)).ToString();
        run.CheckState(oldState);
        await run.CreateEachAsync(o => CreateAsync(call, o, ct));
        await UpdateAllAsync(call, run, ct);
        await DestroyAllAsync(call, run, ct);
        return run.Response(oldState, (await queries.StateAsync(call.Account, ct)).ToString());
    }

    private async Task<JsonObject> CreateAsync(MethodCall call, JsonObject o, CancellationToken ct)
    {
        var values = new Values(o);
        var mailbox = EmailPlacement.Mailbox(call, values);
        var (flags, keywords) = EmailPlacement.Keywords(values.Set("keywords") ?? []);
        var tenant = await blobs.TenantAsync(call.Account, ct) ?? throw new SetException(SetErrors.NotFound());
        await using var message = await composer.ComposeAsync(call, o, ct);
        var stored = await store.StoreAsync(new StoreRequest
        {
            Account = call.Account,
            Tenant = tenant,
            Mailbox = mailbox,
            Message = message,
            Flags = flags,
            Keywords = keywords,
            InternalDate = values.Date("receivedAt"),
        }, ct);
        return stored.Ok ? EmailPlacement.Created(stored.Value) : throw new SetException(EmailPlacement.Error(stored.Refusal));
    }

    private async Task UpdateAllAsync(MethodCall call, SetRun run, CancellationToken ct)
    {
        if (run.Update.Count == 0)
        {
            return;
        }

        var rows = await RowsAsync(call, run.Update.Select(u => u.Key), ct);
        var patches = new List<(string Id, MessageRow Row, EmailPatch Patch)>();
        foreach (var (key, value) in run.Update)
        {
            var id = call.Resolve(key) ?? key;
            try
            {
                var row = rows.GetValueOrDefault(id) ?? throw new SetException(SetErrors.NotFound());
                patches.Add((id, row, EmailPatch.Of(call, value as JsonObject ?? throw SetException.Invalid(key, "Not an object."), row)));
            }
            catch (SetException e)
            {
                run.NotUpdated[id] = e.Error;
            }
        }

        foreach (var group in patches.GroupBy(p => p.Patch.Key, StringComparer.Ordinal))
        {
            var which = new MessageSelection.ById([.. group.Select(p => p.Row.Id)]);
            var error = await ApplyAsync(call, which, group.First().Patch, ct);
            foreach (var (id, _, _) in group)
            {
                if (error is null)
                {
                    run.Updated[id] = null;
                }
                else
                {
                    run.NotUpdated[id] = EmailPlacement.Error(error);
                }
            }
        }
    }

    private async Task<Refusal?> ApplyAsync(MethodCall call, MessageSelection which, EmailPatch patch, CancellationToken ct)
    {
        var judge = new LearnSource(LearnChannel.Jmap, call.Caller.UserId);

        // The move first: it may be refused, and then nothing has changed.
        if (patch.Target is { } target && await store.MoveAsync(call.Account, which, target, ct, judge) is { Ok: false } moved)
        {
            return moved.Refusal;
        }

        return patch.Flags is { } flags && await store.ChangeFlagsAsync(call.Account, which, flags, ct, learnFrom: judge) is { Ok: false } changed
            ? changed.Refusal
            : null;
    }

    private async Task DestroyAllAsync(MethodCall call, SetRun run, CancellationToken ct)
    {
        if (run.Destroy.Count == 0)
        {
            return;
        }

        var rows = await RowsAsync(call, run.Destroy, ct);
        var gone = rows.Count == 0
            ? []
            : (await store.ExpungeAsync(call.Account, new MessageSelection.ById([.. rows.Values.Select(r => r.Id)]), onlyDeleted: false, ct))
                .Messages.Select(m => JmapIds.Of(m.Id)).ToHashSet(StringComparer.Ordinal);
        foreach (var id in run.Destroy.Select(key => call.Resolve(key) ?? key).Distinct(StringComparer.Ordinal))
        {
            if (gone.Contains(id))
            {
                run.Destroyed.Add(id);
            }
            else
            {
                run.NotDestroyed[id] = SetErrors.NotFound();
            }
        }
    }

    private async Task<Dictionary<string, MessageRow>> RowsAsync(MethodCall call, IEnumerable<string> keys, CancellationToken ct)
    {
        var ids = keys.Select(k => JmapIds.Email(call.Resolve(k))).OfType<MessageId>().Distinct().ToList();
        return ids.Count == 0
            ? []
            : (await store.RowsAsync(call.Account, new MessageSelection.ById(ids), ct))
                .Where(r => (r.Flags & MessageFlags.Deleted) == 0).ToDictionary(r => JmapIds.Of(r.Id), StringComparer.Ordinal);
    }
}
