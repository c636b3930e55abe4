using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using SaaS.Api.Jmap.Blobs;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;

namespace SaaS.Api.Jmap.Mail;

/// <summary>RFC 8621 §4.2. Reads no more than the properties need: the row, what was parsed at delivery, the header block, the message.</summary>
internal sealed class EmailGetMethod(MessageStore store, EmailQueryService queries, IOptions<JmapOptions> options) : JmapMethod
{
    public override string Name => "Email/get";

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var properties = EmailProperties.Read(call.Arguments, options.Value.MaxBodyValue);
        var ids = call.Arguments.Ids("ids", options.Value.MaxObjectsInGet)
            ?? throw new MethodException("requestTooLarge", "Name the emails.");
        var state = await queries.StateAsync(call.Account, ct);
        var rows = (await store.RowsAsync(call.Account, new MessageSelection.ById([.. ids.Select(JmapIds.Email).OfType<MessageId>()]), ct))
            .Where(r => (r.Flags & MessageFlags.Deleted) == 0).ToDictionary(r => JmapIds.Of(r.Id), StringComparer.Ordinal);
        var wanted = rows.Values.Select(r => r.Content).ToHashSet();
        var contents = properties.NeedsContent && wanted.Count > 0
            ? await store.ContentsAsync(call.Account, wanted, ct)
            : new Dictionary<ContentId, ContentRow>();
        var headers = properties.NeedsHeaders && wanted.Count > 0
            ? await store.HeadersAsync(call.Account, wanted, ct)
            : new Dictionary<ContentId, byte[]>();

        var list = new JsonArray();
        foreach (var id in ids.Where(rows.ContainsKey))
        {
            var row = rows[id];
            var json = new JsonObject();
            EmailJson.WriteRow(json, properties, row);
            if (contents.TryGetValue(row.Content, out var content))
            {
                var fields = headers.TryGetValue(row.Content, out var block) ? HeaderBlock.Parse(block) : null;
                await EmailJson.WriteContentAsync(json, properties, Of(content), fields, () => store.OpenRawAsync(call.Account, row.Content, ct), ct);
            }

            list.Add(json);
        }

        return GetArguments.Response(call, state.ToString(), list, ids.Where(i => !rows.ContainsKey(i)));
    }

    private static EmailContent Of(ContentRow row) => new(
        row.Envelope, row.Structure, row.Preview, row.HasAttachment, row.Size, BlobId.Of(row.Id), part => BlobId.Of(row.Id, part));
}
