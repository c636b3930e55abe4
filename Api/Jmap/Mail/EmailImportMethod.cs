using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using SaaS.Api.Jmap.Blobs;
using SaaS.Domain.Delivery;
using SaaS.Domain.Messages;

namespace SaaS.Api.Jmap.Mail;

/// <summary>RFC 8621 §4.8.</summary>
internal sealed class EmailImportMethod(MessageStore store, EmailQueryService queries, BlobReader blobs, IOptions<JmapOptions> options) : JmapMethod
{
    public override string Name => "Email/import";

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var emails = call.Arguments.OptionalObject("emails") ?? throw MethodException.Invalid("emails is missing.");
        if (emails.Count > options.Value.MaxObjectsInSet)
        {
            throw new MethodException("requestTooLarge");
        }

        var oldState = (await queries.StateAsync(call.Account, ct)).ToString();
        if (call.Arguments.OptionalString("ifInState") is { } wanted && wanted != oldState)
        {
            throw new MethodException("stateMismatch");
        }

        var created = new JsonObject();
        var notCreated = new JsonObject();
        foreach (var (key, value) in emails)
        {
            try
            {
                created[key] = await ImportAsync(call, value as JsonObject ?? throw SetException.Invalid(key, "Not an object."), ct);
                call.CreatedIds[key] = created[key]!["id"]!.GetValue<string>();
            }
            catch (SetException e)
            {
                notCreated[key] = e.Error;
            }
        }

        var response = call.Response();
        response["oldState"] = oldState;
        response["newState"] = (await queries.StateAsync(call.Account, ct)).ToString();
        response["created"] = created.Count > 0 ? created : null;
        response["notCreated"] = notCreated.Count > 0 ? notCreated : null;
        return response;
    }

    private async Task<JsonObject> ImportAsync(MethodCall call, JsonObject o, CancellationToken ct)
    {
        var values = new Values(o);
        values.RefuseUnknown("blobId", "mailboxIds", "keywords", "receivedAt");
        var mailbox = EmailPlacement.Mailbox(call, values);
        var (flags, keywords) = EmailPlacement.Keywords(values.Set("keywords") ?? []);
        var tenant = await blobs.TenantAsync(call.Account, ct) ?? throw new SetException(SetErrors.NotFound());
        await using var given = await blobs.ReadAsync(call.Account, BlobId.Parse(values.Text("blobId")), options.Value.MaxSizeUpload, ct)
            ?? throw SetException.Invalid("blobId", "No such blob.");
        await using var message = await CanonicalLines.OfAsync(given, ct);
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
}

/// <summary>Files from other systems end their lines with LF; the store holds CRLF.</summary>
internal static class CanonicalLines
{
    public static async Task<MessageBytes> OfAsync(MessageBytes given, CancellationToken ct)
    {
        var bytes = new MessageBytes();
        await using var source = given.OpenRead();
        var buffer = new byte[32 * 1024];
        var result = new byte[64 * 1024 + 2];
        var last = (byte)0;
        int read;
        while ((read = await source.ReadAsync(buffer, ct)) > 0)
        {
            var written = 0;
            foreach (var b in buffer.AsSpan(0, read))
            {
                if (b == '\n' && last != '\r')
                {
                    result[written++] = (byte)'\r';
                }

                result[written++] = b;
                last = b;
            }

            bytes.Write(result.AsSpan(0, written));
        }

        return bytes;
    }
}
