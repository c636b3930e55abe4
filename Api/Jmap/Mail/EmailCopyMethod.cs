using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using SaaS.Api.Jmap.Blobs;
using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.Domain.Messages;

namespace SaaS.Api.Jmap.Mail;

/// <summary>
/// RFC 8621 §4.7: from one account of the caller's to another. Each email is appended in a transaction of its own; with
/// onSuccessDestroyOriginal what arrived goes from where it was, afterwards: whatever breaks, it stands in one of the two or in both.
/// </summary>
internal sealed class EmailCopyMethod(
    MessageStore store, EmailQueryService queries, BlobReader blobs, EmailSetMethod emailSet, JmapAccess access, IOptions<JmapOptions> options) : JmapMethod
{
    public override string Name => "Email/copy";

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var from = JmapIds.Account(call.Arguments.String("fromAccountId"));
        if (from == call.Account)
        {
            throw MethodException.Invalid("fromAccountId is the account itself: use Email/set.");
        }

        var source = await access.FindAsync(call.Caller, from, ct) ?? throw new MethodException("fromAccountNotFound");
        var destroys = call.Arguments.Bool("onSuccessDestroyOriginal");
        if (destroys && source.IsReadOnly)
        {
            throw new MethodException("accountReadOnly");
        }

        var wanted = call.Arguments.OptionalObject("create") ?? throw MethodException.Invalid("create is missing.");
        if (wanted.Count > options.Value.MaxObjectsInSet)
        {
            throw new MethodException("requestTooLarge");
        }

        if (call.Arguments.OptionalString("ifFromInState") is { } fromState && fromState != (await queries.StateAsync(source.Id, ct)).ToString())
        {
            throw new MethodException("stateMismatch");
        }

        var oldState = (await queries.StateAsync(call.Account, ct)).ToString();
        if (call.Arguments.OptionalString("ifInState") is { } state && state != oldState)
        {
            throw new MethodException("stateMismatch");
        }

        var created = new JsonObject();
        var notCreated = new JsonObject();
        var originals = new List<string>();
        foreach (var (key, value) in wanted)
        {
            try
            {
                var values = new Values(value as JsonObject ?? throw SetException.Invalid(key, "Not an object."));
                created[key] = await CopyAsync(call, source.Id, values, ct);
                call.CreatedIds[key] = created[key]!["id"]!.GetValue<string>();
                originals.Add(values.Text("id")!);
            }
            catch (SetException e)
            {
                notCreated[key] = e.Error;
            }
        }

        var response = call.Response();
        response["fromAccountId"] = JmapIds.Of(source.Id);
        response["oldState"] = oldState;
        response["newState"] = (await queries.StateAsync(call.Account, ct)).ToString();
        response["created"] = created.Count > 0 ? created : null;
        response["notCreated"] = notCreated.Count > 0 ? notCreated : null;
        if (destroys && originals.Count > 0)
        {
            var arguments = new JsonObject { ["accountId"] = JmapIds.Of(source.Id), ["destroy"] = originals.Distinct(StringComparer.Ordinal).ToJson() };
            if (call.Arguments.OptionalString("destroyFromIfInState") is { } destroyState)
            {
                arguments["ifInState"] = destroyState;
            }

            call.Extra.Add(("Email/set", await emailSet.RunAsync(call.With(source, arguments), ct)));
        }

        return response;
    }

    private async Task<JsonObject> CopyAsync(MethodCall call, AccountId from, Values values, CancellationToken ct)
    {
        values.RefuseUnknown("id", "mailboxIds", "keywords", "receivedAt");
        var mailbox = EmailPlacement.Mailbox(call, values);
        var row = JmapIds.Email(values.Text("id")) is { } id ? await queries.RowAsync(from, id, ct) : null;
        if (row is null || await store.OpenRawAsync(from, row.Content, ct) is not { } raw)
        {
            throw new SetException(SetErrors.NotFound());
        }

        await using var message = new MessageBytes();
        await using (raw)
        {
            var buffer = new byte[64 * 1024];
            for (int n; (n = await raw.ReadAsync(buffer, ct)) > 0;)
            {
                message.Write(buffer.AsSpan(0, n));
            }
        }

        var (flags, keywords) = values.Set("keywords") is { } given ? EmailPlacement.Keywords(given) : (row.Flags & ~MessageFlags.Deleted, (row.Keywords ?? []).ToList());
        var stored = await store.StoreAsync(new StoreRequest
        {
            Account = call.Account,
            Tenant = await blobs.TenantAsync(call.Account, ct) ?? throw new SetException(SetErrors.NotFound()),
            Mailbox = mailbox,
            Message = message,
            Flags = flags,
            Keywords = keywords,
            InternalDate = values.Date("receivedAt") ?? row.InternalDate,
        }, ct);
        return stored.Ok ? EmailPlacement.Created(stored.Value) : throw new SetException(EmailPlacement.Error(stored.Refusal));
    }
}
