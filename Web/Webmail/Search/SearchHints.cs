using MudBlazor;
using SaaS.Client.Jmap;
using SaaS.Web.Webmail.Folders;

namespace SaaS.Web.Webmail.Search;

/// <summary>One line below the search box.</summary>
/// <param name="Text">The whole text of the box when it is taken.</param>
/// <param name="Shown">What the line says.</param>
/// <param name="Note">In small letters behind it.</param>
/// <param name="Icon">SVG path.</param>
public sealed record SearchHint(string Text, string Shown, string? Note, string Icon);

/// <summary>What could come next in a search, from what is typed so far.</summary>
public static class SearchHints
{
    private const int Most = 8;

    private static readonly (string Operator, string Note)[] Operators =
    [
        ("from:", "Sender"), ("to:", "Recipient"), ("subject:", "Words of the subject"), ("has:attachment", "With files"), ("is:unread", "Not read yet"),
        ("is:starred", "With a star"), ("in:", "A folder"), ("before:", "2026-01-31 or 2026"), ("after:", "2026-01-31 or 2026"), ("larger:", "5M"),
    ];

    /// <summary>The beginning of a person that the last word asks for: after from:, to: or cc:, or as a plain word.</summary>
    public static string? PersonTyped(string text)
    {
        var word = Last(text);
        var colon = word.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? (word.Length >= 2 ? word : null)
            : word[..colon].TrimStart('-').ToLowerInvariant() is "from" or "to" or "cc" && word.Length > colon + 1 ? word[(colon + 1)..] : null;
    }

    public static IReadOnlyList<SearchHint> For(
        string text, IReadOnlyList<Mailbox> folders, IReadOnlyList<EmailAddress> people, IReadOnlyList<string> recent)
    {
        var word = Last(text);
        var head = text[..^word.Length];
        var not = word.StartsWith('-') ? "-" : "";
        var typed = word[not.Length..];
        var colon = typed.IndexOf(':', StringComparison.Ordinal);
        var name = colon < 0 ? "" : typed[..colon].ToLowerInvariant();
        var value = colon < 0 ? typed : typed[(colon + 1)..];
        IEnumerable<SearchHint> found = name switch
        {
            "in" => folders.Where(f => FolderIcons.Name(f).Contains(value, StringComparison.CurrentCultureIgnoreCase))
                .Select(f => new SearchHint($"{head}{not}in:{Quoted(f.Role ?? f.Name ?? "")}", FolderIcons.Name(f), "Folder", FolderIcons.Of(f.Role))),
            "is" => ((string[])["unread", "read", "starred", "answered"]).Where(v => v.StartsWith(value, StringComparison.OrdinalIgnoreCase) && v != value)
                .Select(v => new SearchHint($"{head}{not}is:{v}", $"is:{v}", null, Icons.Material.Outlined.FilterAlt)),
            "has" when value != "attachment" => [new SearchHint($"{head}{not}has:attachment", "has:attachment", "With files", Icons.Material.Outlined.AttachFile)],
            "from" or "to" or "cc" => people.Select(p => Person(head + not, name, p)),
            "" => recent.Where(r => text.Length == 0 || (r.StartsWith(text, StringComparison.CurrentCultureIgnoreCase) && r != text)).Take(4)
                .Select(r => new SearchHint(r, r, null, Icons.Material.Outlined.History))
                .Concat(typed.Length >= 2 ? people.Take(3).Select(p => Person(head + not, "from", p)) : [])
                .Concat(Operators.Where(o => o.Operator.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
                    .Select(o => new SearchHint(head + not + o.Operator, o.Operator, o.Note, Icons.Material.Outlined.Tag))),
            _ => [],
        };
        return [.. found.Take(Most)];
    }

    private static SearchHint Person(string head, string name, EmailAddress person) =>
        new($"{head}{name}:{person.Email}", person.ToString(), $"{name}: {person.Email}", Icons.Material.Outlined.Person);

    private static string Quoted(string text) => text.Contains(' ', StringComparison.Ordinal) ? $"\"{text.Replace("\"", "", StringComparison.Ordinal)}\"" : text;

    /// <summary>The word at the end, also one with an open quote.</summary>
    private static string Last(string text)
    {
        var start = 0;
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            quoted ^= text[i] == '"';
            if (char.IsWhiteSpace(text[i]) && !quoted)
            {
                start = i + 1;
            }
        }

        return text[start..];
    }
}
