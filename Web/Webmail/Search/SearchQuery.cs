using System.Globalization;
using System.Text;
using SaaS.Client.Jmap;

namespace SaaS.Web.Webmail.Search;

/// <summary>
/// What a user types into the search box: words and "phrases", and operators from: to: cc: subject: body: has:attachment
/// is:unread is:read is:starred before: after: in: larger: smaller:, each with a leading - for "not".
/// What is no operator is searched as text, so nothing a user types is an error.
/// </summary>
public static class SearchQuery
{
    public static EmailFilter? Parse(string? text, IReadOnlyList<Mailbox> folders)
    {
        var conditions = new List<EmailFilter>();
        var inFolder = false;
        foreach (var term in Terms(text ?? ""))
        {
            var condition = Condition(term, folders) ?? new EmailCondition { Text = term.Raw };
            inFolder |= condition.InMailbox is not null && !term.Not;
            conditions.Add(term.Not ? EmailFilter.Not(condition) : condition);
        }

        if (conditions.Count == 0)
        {
            return null;
        }

        var hidden = folders.Where(f => f.Role is "trash" or "junk").Select(f => f.Id).OfType<string>().ToList();
        if (!inFolder && hidden.Count > 0)
        {
            conditions.Add(new EmailCondition { InMailboxOtherThan = hidden });
        }

        return conditions.Count == 1 ? conditions[0] : EmailFilter.And(conditions);
    }

    private static EmailCondition? Condition(Term term, IReadOnlyList<Mailbox> folders) => (term.Operator, term.Value) switch
    {
        (_, "") => null,
        ("from", var v) => new EmailCondition { From = v },
        ("to", var v) => new EmailCondition { To = v },
        ("cc", var v) => new EmailCondition { Cc = v },
        ("bcc", var v) => new EmailCondition { Bcc = v },
        ("subject", var v) => new EmailCondition { Subject = v },
        ("body", var v) => new EmailCondition { Body = v },
        ("has", "attachment" or "attachments") => new EmailCondition { HasAttachment = true },
        ("is", "unread") => new EmailCondition { NotKeyword = Keyword.Seen },
        ("is", "read") => new EmailCondition { HasKeyword = Keyword.Seen },
        ("is", "starred" or "flagged") => new EmailCondition { HasKeyword = Keyword.Flagged },
        ("is", "answered") => new EmailCondition { HasKeyword = Keyword.Answered },
        ("before", var v) => Day(v) is { } day ? new EmailCondition { Before = day } : null,
        ("after", var v) => Day(v) is { } day ? new EmailCondition { After = day } : null,
        ("larger", var v) => Size(v) is { } size ? new EmailCondition { MinSize = size } : null,
        ("smaller", var v) => Size(v) is { } size ? new EmailCondition { MaxSize = size } : null,
        ("in", var v) => Folder(v, folders) is { } id ? new EmailCondition { InMailbox = id } : null,
        _ => null,
    };

    private static string? Folder(string name, IReadOnlyList<Mailbox> folders) =>
        (folders.FirstOrDefault(f => string.Equals(f.Role, name, StringComparison.OrdinalIgnoreCase))
         ?? folders.FirstOrDefault(f => string.Equals(f.Name, name, StringComparison.OrdinalIgnoreCase)))?.Id;

    private static DateTimeOffset? Day(string text) =>
        DateOnly.TryParseExact(text, ["yyyy-MM-dd", "yyyy/MM/dd", "yyyy-MM", "yyyy"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero)
            : null;

    private static long? Size(string text)
    {
        var unit = text[^1] switch { 'k' or 'K' => 1024L, 'm' or 'M' => 1024L * 1024, 'g' or 'G' => 1024L * 1024 * 1024, _ => 0 };
        return long.TryParse(unit == 0 ? text : text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n < 1 << 30
            ? n * Math.Max(unit, 1)
            : null;
    }

    private static IEnumerable<Term> Terms(string text)
    {
        var at = 0;
        while (at < text.Length)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }

            var not = text[at] == '-' && at + 1 < text.Length && !char.IsWhiteSpace(text[at + 1]);
            at += not ? 1 : 0;
            var (word, colon) = Word(text, ref at);
            yield return colon > 0
                ? new Term(word[..colon].ToLowerInvariant(), word[(colon + 1)..], word, not)
                : new Term("", word, word, not);
        }
    }

    /// <summary>One word; quotes hold blanks together and are taken off. Gives where its first unquoted colon stands.</summary>
    private static (string Word, int Colon) Word(string text, ref int at)
    {
        var word = new StringBuilder();
        var colon = -1;
        var quoted = false;
        for (; at < text.Length && (quoted || !char.IsWhiteSpace(text[at])); at++)
        {
            if (text[at] == '"')
            {
                quoted = !quoted;
                continue;
            }

            if (text[at] == ':' && !quoted && colon < 0)
            {
                colon = word.Length;
            }

            word.Append(text[at]);
        }

        return (word.ToString(), colon);
    }

    private sealed record Term(string Operator, string Value, string Raw, bool Not);
}
