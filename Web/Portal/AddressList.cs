namespace SaaS.Web.Portal;

/// <summary>Addresses out of whatever people paste: lines, commas, "Name &lt;address&gt;", a column of a spreadsheet.</summary>
internal static class AddressList
{
    private static readonly char[] Separators = ['\n', '\r', '\t', ',', ';', ' ', '<', '>', '"', '(', ')'];

    /// <summary>In the order given, each once.</summary>
    public static IReadOnlyList<string> Read(string text) =>
        [.. text.Split(Separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(w => w.IndexOf('@', StringComparison.Ordinal) is var at && at > 0 && at < w.Length - 1)
            .Distinct(StringComparer.OrdinalIgnoreCase)];
}
