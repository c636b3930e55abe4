using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace SaaS.Web.Portal;

/// <summary>Comma-separated values (RFC 4180) as spreadsheets write and read them.</summary>
internal static class Csv
{
    public const int MaxCell = 10_000;

    private static readonly System.Buffers.SearchValues<char> Special = System.Buffers.SearchValues.Create(",;\"\r\n\t");

    /// <summary>One line. A cell that a spreadsheet would take for a formula gets an apostrophe in front: lists hold names that strangers chose.</summary>
    public static string Line(IEnumerable<string> cells) => string.Join(',', cells.Select(Cell)) + "\r\n";

    /// <summary>Names of what <see cref="Cells"/> gives for things of this type.</summary>
    public static IReadOnlyList<string> Heads(Type type) => [.. Columns(type).Select(p => char.ToLowerInvariant(p.Name[0]) + p.Name[1..])];

    public static IEnumerable<string> Cells(object item) => Columns(item.GetType()).Select(p => Text(p.GetValue(item)));

    /// <summary>Rows of cells; separated by comma, semicolon or tab, whichever the first line uses most. Null: no CSV, or over a limit.</summary>
    public static List<List<string>>? Parse(string text, int maxRows)
    {
        var first = text.AsSpan(0, text.AsSpan().IndexOfAny('\r', '\n') is var end and >= 0 ? end : text.Length);
        char separator = ',';
        foreach (var candidate in ";\t")
        {
            separator = first.Count(candidate) > first.Count(separator) ? candidate : separator;
        }

        var rows = new List<List<string>>();
        var row = new List<string>();
        var cell = new StringBuilder();
        var quoted = false;
        for (var i = text.StartsWith('\uFEFF') ? 1 : 0; i <= text.Length; i++)
        {
            var c = i < text.Length ? text[i] : '\n';
            if (quoted && i < text.Length)
            {
                if (c != '"')
                {
                    cell.Append(c);
                }
                else if (i + 1 < text.Length && text[i + 1] == '"')
                {
                    cell.Append('"');
                    i++;
                }
                else
                {
                    quoted = false;
                }
            }
            else if (c == '"' && cell.Length == 0)
            {
                quoted = true;
            }
            else if (c == separator || c == '\n')
            {
                row.Add(cell.ToString().Trim());
                cell.Clear();
                if (c == '\n')
                {
                    if (row.Any(x => x.Length > 0))
                    {
                        rows.Add(row);
                    }

                    row = [];
                }
            }
            else if (c != '\r')
            {
                cell.Append(c);
            }

            if (rows.Count > maxRows || cell.Length > MaxCell || row.Count > 100)
            {
                return null;
            }
        }

        return quoted || rows.Count == 0 ? null : rows;
    }

    private static IEnumerable<PropertyInfo> Columns(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(p => p.GetIndexParameters().Length == 0 && p.Name is not ("Version" or "EqualityContract"));

    private static string Text(object? value) => value switch
    {
        null => "",
        string text => text,
        bool yes => yes ? "yes" : "no",
        DateTimeOffset at => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        IEnumerable list => string.Join(' ', list.Cast<object?>().Select(Text)),
        _ => value.ToString() ?? "",
    };

    private static string Cell(string text)
    {
        var safe = text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' && !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
            ? "'" + text
            : text;
        return safe.AsSpan().IndexOfAny(Special) >= 0 ? "\"" + safe.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"" : safe;
    }
}
