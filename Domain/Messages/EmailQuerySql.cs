using System.Globalization;
using SaaS.Domain.Messages.Search;

namespace SaaS.Domain.Messages;

/// <summary>Turns a filter and a sort order into SQL over <c>message m</c>; every value is a parameter. <c>$1</c> is the account.</summary>
internal sealed class EmailQuerySql(
    SqlParameters parameters, ISearchIndex search, IReadOnlyDictionary<EmailQueryFilter.Header, IReadOnlyList<long>> headers)
{
    public string Where(EmailQueryFilter? filter) => filter switch
    {
        null => "true",
        EmailQueryFilter.And f => Join(f.All, " AND ", "true"),
        EmailQueryFilter.Or f => Join(f.Any, " OR ", "false"),
        EmailQueryFilter.Not f => $"NOT {Join(f.None, " OR ", "false")}",
        EmailQueryFilter.InMailbox f => $"m.mailbox_id = {parameters.Add(f.Mailbox.Value)}",
        EmailQueryFilter.InMailboxOtherThan f => $"m.mailbox_id <> ALL({parameters.Add(f.Mailboxes.Select(m => m.Value))})",
        EmailQueryFilter.Before f => $"m.internal_date < {parameters.Add(f.At)}",
        EmailQueryFilter.After f => $"m.internal_date >= {parameters.Add(f.At)}",
        EmailQueryFilter.MinSize f => $"m.size >= {parameters.Add(f.Octets)}",
        EmailQueryFilter.MaxSize f => $"m.size < {parameters.Add(f.Octets)}",
        EmailQueryFilter.HasKeyword f => Has("m", f.Keyword),
        EmailQueryFilter.AllInThreadHaveKeyword f => AllInThread(f.Keyword),
        EmailQueryFilter.SomeInThreadHaveKeyword f => SomeInThread(f.Keyword),
        EmailQueryFilter.HasAttachment f =>
            $"{(f.Value ? "" : "NOT ")}EXISTS (SELECT FROM message_content c WHERE c.account_id = $1 AND c.id = m.content_id AND c.has_attachment)",
        EmailQueryFilter.Text f => search.Condition(f.Field, f.Words, parameters),
        EmailQueryFilter.Header f => $"m.content_id = ANY({parameters.Add(headers[f])})",
        _ => throw new InvalidOperationException($"No SQL for {filter.GetType().Name}."),
    };

    public string OrderBy(IReadOnlyList<EmailSort> sort)
    {
        if (sort.Count == 0)
        {
            return "m.internal_date DESC, m.id DESC";
        }

        var keys = sort.Select(s => Key(s) + (s.Ascending ? "" : " DESC"));
        return $"{string.Join(", ", keys)}, m.id{(sort[0].Ascending ? "" : " DESC")}";
    }

    /// <summary>The tables beside <c>message</c> that the order needs.</summary>
    public static string Joins(IReadOnlyList<EmailSort> sort)
    {
        var joins = "";
        if (sort.Any(s => s.Property is EmailSortProperty.From or EmailSortProperty.To or EmailSortProperty.Subject))
        {
            joins += " LEFT JOIN message_search s ON s.account_id = m.account_id AND s.content_id = m.content_id";
        }

        if (sort.Any(s => s.Property == EmailSortProperty.SentAt))
        {
            joins += " LEFT JOIN message_content c ON c.account_id = m.account_id AND c.id = m.content_id";
        }

        return joins;
    }

    private string Key(EmailSort sort) => sort.Property switch
    {
        EmailSortProperty.ReceivedAt => "m.internal_date",
        EmailSortProperty.Size => "m.size",
        EmailSortProperty.From => "coalesce(s.from_text, '')",
        EmailSortProperty.To => "coalesce(s.to_text, '')",
        EmailSortProperty.Subject => "coalesce(s.subject_text, '')",
        EmailSortProperty.SentAt => "coalesce(c.sent_at, m.internal_date)",
        EmailSortProperty.HasKeyword => $"({Has("m", sort.Keyword ?? "")})",
        EmailSortProperty.AllInThreadHaveKeyword => $"({AllInThread(sort.Keyword ?? "")})",
        EmailSortProperty.SomeInThreadHaveKeyword => $"({SomeInThread(sort.Keyword ?? "")})",
        _ => throw new InvalidOperationException($"No order by {sort.Property}."),
    };

    private string Has(string table, string keyword)
    {
        // The bit is one of our own constants: as a literal it lets the planner see what it does.
        var flag = EmailQueryKeywords.FlagOf(keyword);
        return flag != MessageFlags.None
            ? $"{table}.flags & {((int)flag).ToString(CultureInfo.InvariantCulture)} <> 0"
            : $"coalesce({parameters.Add(keyword.ToLowerInvariant())} = ANY({table}.keywords), false)";
    }

    private string AllInThread(string keyword) =>
        $"NOT EXISTS (SELECT FROM message t WHERE t.account_id = $1 AND t.thread_id = m.thread_id AND t.flags & 8 = 0 AND NOT ({Has("t", keyword)}))";

    private string SomeInThread(string keyword) =>
        $"EXISTS (SELECT FROM message t WHERE t.account_id = $1 AND t.thread_id = m.thread_id AND t.flags & 8 = 0 AND ({Has("t", keyword)}))";

    private string Join(IReadOnlyList<EmailQueryFilter> parts, string by, string empty) =>
        parts.Count == 0 ? empty : $"({string.Join(by, parts.Select(p => $"({Where(p)})"))})";
}
