using System.Text.RegularExpressions;
using Xunit;

namespace SaaS.Architecture.Tests;

/// <summary>MailHost/RFC.md and the code agree: what is cited is listed, and what is claimed is cited.</summary>
public sealed class RfcTests
{
    [Fact]
    public void Every_cited_rfc_is_listed() => Assert.Empty(Cited().Except(Listed().Keys).Order());

    [Fact]
    public void Every_rfc_that_is_claimed_is_cited() =>
        Assert.Empty(Listed().Where(r => r.Value.StartsWith("Yes", StringComparison.Ordinal)).Select(r => r.Key).Except(Cited()).Order());

    [Fact]
    public void A_citation_and_a_row_are_found()
    {
        Assert.Equal([9051], Citations("// RFC 9051 §6.3.4: no"));
        Assert.Equal("Partial", Rows("| 9051 | IMAP4rev2 | Partial | Imap | |")[9051]);
    }

    private static HashSet<int> Cited() =>
        [.. Repository.Files.Where(f => Regex.IsMatch(f, @"^(Domain|MailHost|Api)/.*\.cs$")).SelectMany(f => Citations(Repository.Read(f)))];

    private static IEnumerable<int> Citations(string text) =>
        Regex.Matches(text, @"\bRFC (\d{3,5})\b").Select(m => int.Parse(m.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture));

    private static Dictionary<int, string> Listed() => Rows(Repository.Read("MailHost/RFC.md"));

    private static Dictionary<int, string> Rows(string table) => Regex.Matches(table, @"^\| *(\d+) *\|[^|]*\| *([^|]*?) *\|", RegexOptions.Multiline)
        .ToDictionary(m => int.Parse(m.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture), m => m.Groups[2].Value);
}
