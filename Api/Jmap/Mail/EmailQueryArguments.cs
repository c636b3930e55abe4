using System.Text.Json.Nodes;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using SaaS.Domain.Messages.Search;

namespace SaaS.Api.Jmap.Mail;

/// <summary>Reads FilterCondition and Comparator of emails (RFC 8621 §4.4.1, §4.4.2).</summary>
internal static class EmailQueryArguments
{
    private const int MaxConditions = 200;
    private const int MaxDepth = 20;

    public static readonly IReadOnlyDictionary<string, EmailSortProperty> SortProperties = new Dictionary<string, EmailSortProperty>(StringComparer.Ordinal)
    {
        ["receivedAt"] = EmailSortProperty.ReceivedAt,
        ["size"] = EmailSortProperty.Size,
        ["from"] = EmailSortProperty.From,
        ["to"] = EmailSortProperty.To,
        ["subject"] = EmailSortProperty.Subject,
        ["sentAt"] = EmailSortProperty.SentAt,
        ["hasKeyword"] = EmailSortProperty.HasKeyword,
        ["allInThreadHaveKeyword"] = EmailSortProperty.AllInThreadHaveKeyword,
        ["someInThreadHaveKeyword"] = EmailSortProperty.SomeInThreadHaveKeyword,
    };

    /// <summary>False where a condition looks through header blocks, which is too much for a change.</summary>
    public static bool CanCalculateChanges(JmapArguments arguments)
    {
        return arguments.OptionalObject("filter") is not { } filter || !HasHeader(filter);

        static bool HasHeader(JsonNode? node) => node switch
        {
            JsonObject o => o.Any(p => p.Key == "header" || HasHeader(p.Value)),
            JsonArray a => a.Any(HasHeader),
            _ => false,
        };
    }

    public static EmailQueryFilter? Filter(MethodCall call)
    {
        var left = MaxConditions;
        return call.Arguments.OptionalObject("filter") is { } filter ? Read(call, filter, 0, ref left) : null;
    }

    public static IReadOnlyList<EmailSort> Sort(JmapArguments arguments)
    {
        var keys = new List<EmailSort>();
        foreach (var item in arguments.OptionalArray("sort") ?? [])
        {
            var read = new JmapArguments(item as JsonObject ?? throw JmapArguments.Wrong("sort"));
            if (!SortProperties.TryGetValue(read.String("property"), out var property) || keys.Count >= 5)
            {
                throw new MethodException("unsupportedSort", $"Known: {string.Join(", ", SortProperties.Keys)}");
            }

            var byKeyword = property is EmailSortProperty.HasKeyword or EmailSortProperty.AllInThreadHaveKeyword or EmailSortProperty.SomeInThreadHaveKeyword;
            keys.Add(new EmailSort(property, read.Bool("isAscending", true), byKeyword ? Keyword(read, "keyword") : null));
        }

        return keys;
    }

    private static EmailQueryFilter Read(MethodCall call, JsonObject filter, int depth, ref int left)
    {
        if (depth > MaxDepth)
        {
            throw new MethodException("unsupportedFilter", "The filter is too deep.");
        }

        var read = new JmapArguments(filter);
        if (read.OptionalString("operator") is { } op)
        {
            var parts = new List<EmailQueryFilter>();
            foreach (var item in read.OptionalArray("conditions") ?? throw MethodException.Invalid("conditions is missing."))
            {
                parts.Add(Read(call, item as JsonObject ?? throw JmapArguments.Wrong("conditions"), depth + 1, ref left));
            }

            return op switch
            {
                "AND" => new EmailQueryFilter.And(parts),
                "OR" => new EmailQueryFilter.Or(parts),
                "NOT" => new EmailQueryFilter.Not(parts),
                _ => throw MethodException.Invalid("The operator is AND, OR or NOT."),
            };
        }

        var conditions = new List<EmailQueryFilter>();

        // The mailbox first: a plain list, and a list of what is unread, are known by that.
        foreach (var name in filter.Select(p => p.Key).OrderBy(k => k == "inMailbox" ? 0 : 1))
        {
            if (--left < 0)
            {
                throw new MethodException("unsupportedFilter", $"At most {MaxConditions} conditions.");
            }

            if (filter[name] is not null)
            {
                conditions.Add(Condition(call, read, name));
            }
        }

        return conditions.Count == 1 ? conditions[0] : new EmailQueryFilter.And(conditions);
    }

    private static EmailQueryFilter Condition(MethodCall call, JmapArguments read, string name) => name switch
    {
        "inMailbox" => new EmailQueryFilter.InMailbox(Mailbox(call, read.String(name))),
        "inMailboxOtherThan" => new EmailQueryFilter.InMailboxOtherThan([.. (read.OptionalStrings(name) ?? []).Select(id => Mailbox(call, id))]),
        "before" => new EmailQueryFilter.Before(Date(read, name)),
        "after" => new EmailQueryFilter.After(Date(read, name)),
        "minSize" => new EmailQueryFilter.MinSize(read.OptionalCount(name) ?? 0),
        "maxSize" => new EmailQueryFilter.MaxSize(read.OptionalLong(name) ?? 0),
        "allInThreadHaveKeyword" => new EmailQueryFilter.AllInThreadHaveKeyword(Keyword(read, name)),
        "someInThreadHaveKeyword" => new EmailQueryFilter.SomeInThreadHaveKeyword(Keyword(read, name)),
        "noneInThreadHaveKeyword" => new EmailQueryFilter.Not([new EmailQueryFilter.SomeInThreadHaveKeyword(Keyword(read, name))]),
        "hasKeyword" => new EmailQueryFilter.HasKeyword(Keyword(read, name)),
        "notKeyword" => new EmailQueryFilter.Not([new EmailQueryFilter.HasKeyword(Keyword(read, name))]),
        "hasAttachment" => new EmailQueryFilter.HasAttachment(read.Bool(name)),
        "text" => new EmailQueryFilter.Text(SearchField.Anywhere, read.String(name)),
        "from" => new EmailQueryFilter.Text(SearchField.From, read.String(name)),
        "to" => new EmailQueryFilter.Text(SearchField.To, read.String(name)),
        "cc" => new EmailQueryFilter.Text(SearchField.Cc, read.String(name)),
        "bcc" => new EmailQueryFilter.Text(SearchField.Bcc, read.String(name)),
        "subject" => new EmailQueryFilter.Text(SearchField.Subject, read.String(name)),
        "body" => new EmailQueryFilter.Text(SearchField.Body, read.String(name)),
        "header" => Header(read.OptionalStrings(name) ?? []),
        _ => throw new MethodException("unsupportedFilter", $"Unknown condition: {name}"),
    };

    private static EmailQueryFilter.Header Header(IReadOnlyList<string> parts) => parts switch
    {
        [{ Length: > 0 } name] => new EmailQueryFilter.Header(name, null),
        [{ Length: > 0 } name, var text] => new EmailQueryFilter.Header(name, text),
        _ => throw MethodException.Invalid("header is [name] or [name, text]."),
    };

    // A mailbox that is not there holds nothing.
    private static MailboxId Mailbox(MethodCall call, string id) => JmapIds.Mailbox(call.Resolve(id)) ?? new MailboxId(0);

    private static string Keyword(JmapArguments read, string name) =>
        read.String(name) is var keyword && EmailQueryKeywords.IsValid(keyword) ? keyword : throw MethodException.Invalid($"{name} is no keyword.");

    private static DateTimeOffset Date(JmapArguments read, string name) =>
        DateTimeOffset.TryParse(read.String(name), System.Globalization.CultureInfo.InvariantCulture,
            System.Globalization.DateTimeStyles.AssumeUniversal, out var at) ? at : throw JmapArguments.Wrong(name);
}
