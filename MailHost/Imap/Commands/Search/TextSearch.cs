using System.Text.Json;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using SaaS.Domain.Messages.Search;

namespace SaaS.MailHost.Imap.Commands.Search;

/// <summary>
/// Keys that look for a text. <see cref="SearchBlocks"/> rules out nearly all that do not have it; what is left is compared with the stored
/// texts, header blocks or envelopes. Only texts too large to be held whole, and what is not indexed yet, are read from the messages.
/// </summary>
internal sealed class TextSearch(MailboxReader reader, MessageStore store, ISearchIndex index, SearchBlocks blocks)
{
    /// <summary>Contents of one read.</summary>
    private const int Page = 2000;

    /// <summary>What is not indexed by then is read from the messages: slower, as right.</summary>
    private static readonly TimeSpan CatchUp = TimeSpan.FromSeconds(5);

    private const int MaxChars = 8 * 1024 * 1024;

    /// <summary>UIDs among the candidates that have the key's text.</summary>
    public async ValueTask<HashSet<uint>> FindAsync(
        AccountId account, SearchKey.Wide key, IReadOnlyList<Found> among, SearchProgressTeller progress, CancellationToken ct)
    {
        if (key is SearchKey.Text)
        {
            await index.CatchUpAsync(account, CatchUp, ct);
        }

        await blocks.CatchUpAsync(account, CatchUp, ct);
        var places = key is SearchKey.Text t ? SearchPlaces.Body | (t.AndHeader ? SearchPlaces.Header : 0) : SearchPlaces.Header;
        var may = await blocks.FindAsync(account, places, key switch
        {
            SearchKey.Text text => [text.Term],
            SearchKey.Header header => [header.Name, header.Value],
            SearchKey.Envelope envelope => [envelope.Value],
            _ => throw new InvalidOperationException(),
        }, ct);

        // Copies of a message share its content.
        var open = among.Where(f => may.May(f.Content, places)).GroupBy(f => f.Content).ToDictionary(g => g.Key, g => g.ToList());
        var contents = open.Keys.Order().ToList();
        var found = key switch
        {
            SearchKey.Text text => await TextAsync(account, text, contents, may, content => open[content][0].Size, progress, ct),
            SearchKey.Header header => await PagesAsync(account, contents, ContentColumns.Header, page => InFields(page, header), progress, ct),
            SearchKey.Envelope envelope => await PagesAsync(account, contents, ContentColumns.Envelope, page => InEnvelope(page, envelope), progress, ct),
            _ => throw new InvalidOperationException(),
        };
        return [.. found.SelectMany(content => open[content]).Select(f => f.Uid)];
    }

    private async ValueTask<List<long>> TextAsync(
        AccountId account,
        SearchKey.Text key,
        List<long> contents,
        SearchCandidates may,
        Func<long, int> size,
        SearchProgressTeller progress,
        CancellationToken ct)
    {
        var found = new List<long>();
        var done = 0L;
        foreach (var page in contents.Chunk(Page))
        {
            await progress(done, contents.Count, ct);
            done += page.Length;
            var inText = page.Where(c => may.May(c, SearchPlaces.Body)).ToList();
            var left = new HashSet<long>(page);
            var settled = new HashSet<long>(page.Except(inText));
            var large = new List<long>();
            await reader.VisitTextsAsync(account, inText, (content, text) =>
            {
                if (!left.Contains(content) || settled.Contains(content))
                {
                    return;
                }

                if (key.Map.IsIn(text))
                {
                    found.Add(content);
                    left.Remove(content);
                }
                else if (TextWholeness.IsWhole(text.Length, size(content)) is { } whole)
                {
                    (whole ? settled : []).Add(content);
                }
                else
                {
                    large.Add(content);
                }
            }, ct);

            if (large.Count > 0)
            {
                using var structures = await reader.ReadContentsAsync(account, [.. large.Order()], ContentColumns.Structure, ct);
                settled.UnionWith(large.Where(c => structures.Find(c) && TextWholeness.IsWhole(0, size(c), Structure(structures))));
            }

            if (key.AndHeader && left.Count > 0)
            {
                var inHeader = left.Where(c => may.May(c, SearchPlaces.Header)).Order().ToList();
                foreach (var content in await PagesAsync(
                    account, inHeader, ContentColumns.Header | ContentColumns.Structure, read => InHeader(read, key.Map), progress, ct))
                {
                    found.Add(content);
                    left.Remove(content);
                }
            }

            left.ExceptWith(settled);
            await RawAsync(account, key.Map, [.. left.Order()], found, progress, ct);
        }

        return found;
    }

    /// <summary>What the index does not hold whole.</summary>
    private async ValueTask RawAsync(AccountId account, CaseMap term, List<long> contents, List<long> found, SearchProgressTeller progress, CancellationToken ct)
    {
        var done = 0L;
        foreach (var page in contents.Chunk(Page))
        {
            using var structures = await reader.ReadContentsAsync(account, page, ContentColumns.Structure, ct);
            foreach (var content in page)
            {
                await progress(done++, contents.Count, ct);
                if (!structures.Find(content))
                {
                    continue;
                }

                var structure = Structure(structures);
                await using var raw = await store.OpenRawAsync(account, new ContentId(content), ct);
                if (raw is not null && term.IsIn(MessageParser.ExtractText(raw, structure, MaxChars)))
                {
                    found.Add(content);
                }
            }
        }
    }

    /// <summary>Those of the contents that the test holds for; it looks at the one that the page stands on.</summary>
    private async ValueTask<List<long>> PagesAsync(
        AccountId account, List<long> contents, ContentColumns columns, Func<ContentPage, bool> test, SearchProgressTeller progress, CancellationToken ct)
    {
        var found = new List<long>();
        var done = 0L;
        foreach (var ids in contents.Chunk(Page))
        {
            await progress(done, contents.Count, ct);
            done += ids.Length;
            using var page = await reader.ReadContentsAsync(account, ids, columns, ct);
            found.AddRange(ids.Where(content => page.Find(content) && test(page)));
        }

        return found;
    }

    private static bool InHeader(ContentPage page, CaseMap term) =>
        term.IsIn(HeaderText.Whole(Zstd.Decompress(page.Field(ContentColumns.Header)))) || term.IsIn(HeaderText.Parts(Structure(page)));

    private static bool InFields(ContentPage page, SearchKey.Header key)
    {
        foreach (var (name, value) in HeaderText.Fields(Zstd.Decompress(page.Field(ContentColumns.Header))))
        {
            if (name.Equals(key.Name, StringComparison.OrdinalIgnoreCase) && key.Map.IsIn(value))
            {
                return true;
            }
        }

        return false;
    }

    private static bool InEnvelope(ContentPage page, SearchKey.Envelope key)
    {
        var json = page.Field(ContentColumns.Envelope);
        var r = new Utf8JsonReader(json);
        r.Read();
        while (r.Read() && r.TokenType == JsonTokenType.PropertyName)
        {
            var it = r.ValueSpan is [var letter] && letter == key.Property;
            r.Read();
            if (!it)
            {
                r.Skip();
                continue;
            }

            if (r.TokenType == JsonTokenType.String)
            {
                return r.ValueIsEscaped ? key.Map.IsIn(r.GetString()) : key.Map.IsIn(r.ValueSpan);
            }

            break;
        }

        if (r.TokenType != JsonTokenType.StartArray)
        {
            return false;
        }

        var envelope = JsonSerializer.Deserialize(json, MessageJson.Default.MessageEnvelope)!;
        var addresses = key.Property switch { 'f' => envelope.From, 't' => envelope.To, 'c' => envelope.Cc, _ => envelope.Bcc };
        return addresses?.Any(a => key.Map.IsIn(HeaderText.Address(a))) == true;
    }

    private static BodyPart Structure(ContentPage page) =>
        JsonSerializer.Deserialize(page.Field(ContentColumns.Structure), MessageJson.Default.BodyPart)!;
}
