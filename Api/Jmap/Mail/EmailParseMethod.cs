using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using SaaS.Api.Jmap.Blobs;
using SaaS.Domain.Messages;

namespace SaaS.Api.Jmap.Mail;

/// <summary>RFC 8621 §4.9. Parts of an attached message have blob ids of their own only where it stands unencoded in a message of ours.</summary>
internal sealed class EmailParseMethod(BlobReader blobs, IOptions<JmapOptions> options) : JmapMethod
{
    private const int MaxBlobs = 20;

    public override string Name => "Email/parse";

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var properties = EmailProperties.Read(call.Arguments, options.Value.MaxBodyValue, isParse: true);
        var ids = call.Arguments.Ids("blobIds", MaxBlobs) ?? throw MethodException.Invalid("blobIds is missing.");
        var parsed = new JsonObject();
        var notParsable = new List<string>();
        var notFound = new List<string>();
        foreach (var id in ids)
        {
            var blob = BlobId.Parse(call.Resolve(id));
            try
            {
                await using var bytes = await blobs.ReadAsync(call.Account, blob, options.Value.MaxSizeUpload, ct);
                if (bytes is null)
                {
                    notFound.Add(id);
                    continue;
                }

                parsed[id] = await ParseAsync(bytes, blob!, id, properties, ct);
            }
            catch (SetException)
            {
                notParsable.Add(id);
            }
        }

        var response = call.Response();
        response["parsed"] = parsed.Count > 0 ? parsed : null;
        response["notParsable"] = notParsable.Count > 0 ? notParsable.ToJson() : null;
        response["notFound"] = notFound.Count > 0 ? notFound.ToJson() : null;
        return response;
    }

    private static async Task<JsonObject> ParseAsync(MessageBytes bytes, BlobId blob, string id, EmailProperties properties, CancellationToken ct)
    {
        var message = MessageParser.Parse(bytes);
        var content = new EmailContent(message.Envelope, message.Structure, message.Preview, message.HasAttachment, message.Size, id, part => blob switch
        {
            BlobId.WholeMessage whole => BlobId.Of(whole.Content, part),
            BlobId.MessagePart { Encoding: 'n' } inside =>
                BlobId.Of(inside.Content, part with { BodyOffset = part.BodyOffset + inside.Offset }),
            _ => null,
        });
        var json = new JsonObject();
        if (properties.Has("blobId"))
        {
            json["blobId"] = id;
        }

        if (properties.Has("size"))
        {
            json["size"] = message.Size;
        }

        IReadOnlyList<RawHeaderField>? fields = null;
        if (properties.NeedsHeaders)
        {
            var block = new byte[message.HeaderSize];
            await using var raw = bytes.OpenRead();
            var read = await raw.ReadAtLeastAsync(block, block.Length, throwOnEndOfStream: false, ct);
            fields = HeaderBlock.Parse(block.AsSpan(0, read));
        }

        await EmailJson.WriteContentAsync(json, properties, content, fields, () => Task.FromResult<Stream?>(bytes.OpenRead()), ct);
        return json;
    }
}
