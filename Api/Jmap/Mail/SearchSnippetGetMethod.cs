using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using SaaS.Domain.Messages.Search;

namespace SaaS.Api.Jmap.Mail;

/// <summary>RFC 8621 §5.1.</summary>
internal sealed class SearchSnippetGetMethod(MessageStore store, ISearchIndex search, IOptions<JmapOptions> options) : JmapMethod
{
    private const int PreviewLength = 200;

    public override string Name => "SearchSnippet/get";

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var ids = call.Arguments.Ids("emailIds", options.Value.MaxObjectsInGet) ?? throw MethodException.Invalid("emailIds is missing.");
        var texts = EmailQueryArguments.Filter(call)?.Texts().ToList() ?? [];
        var inSubject = Queries(texts, SearchField.Anywhere, SearchField.Subject);
        var inBody = Queries(texts, SearchField.Anywhere, SearchField.Body);
        var rows = (await store.RowsAsync(call.Account, new MessageSelection.ById([.. ids.Select(JmapIds.Email).OfType<MessageId>()]), ct))
            .Where(r => (r.Flags & MessageFlags.Deleted) == 0).ToDictionary(r => JmapIds.Of(r.Id), StringComparer.Ordinal);
        var contentIds = rows.Values.Select(r => r.Content).ToHashSet();
        var contents = await store.ContentsAsync(call.Account, contentIds, ct);
        var bodies = inBody.Count == 0 ? new Dictionary<ContentId, string>() : await search.TextsAsync(call.Account, contentIds, ct);
        var list = new JsonArray();
        foreach (var id in ids.Where(rows.ContainsKey))
        {
            var row = rows[id];
            list.Add(new JsonObject
            {
                ["emailId"] = id,
                ["subject"] = SearchSnippets.Mark(contents.GetValueOrDefault(row.Content)?.Envelope.Subject, inSubject),
                ["preview"] = SearchSnippets.Mark(bodies.GetValueOrDefault(row.Content), inBody, PreviewLength),
            });
        }

        var response = call.Response();
        response["list"] = list;
        var missing = ids.Where(i => !rows.ContainsKey(i)).ToList();
        response["notFound"] = missing.Count > 0 ? missing.ToJson() : null;
        return response;
    }

    private static List<SearchQuery> Queries(IEnumerable<EmailQueryFilter.Text> texts, params SearchField[] fields) =>
        [.. texts.Where(t => fields.Contains(t.Field)).Select(t => SearchQuery.Parse(t.Words)).Where(q => !q.IsEmpty)];
}
