using System.Text.RegularExpressions;
using Xunit;

namespace SaaS.Architecture.Tests;

/// <summary>Words that have no place in this repository.</summary>
public sealed class WordTests
{
    /// <param name="Pattern">What is not to be written.</param>
    /// <param name="Files">Regular expression over the file's path.</param>
    /// <param name="Why">Shown when it is found.</param>
    /// <param name="Twin">A line that the pattern must find.</param>
    private sealed record Word(string Pattern, string Files, string Why, string Twin);

    private static readonly Word[] Words =
    [
        new(@"\bNotImplemented" + "Exception", @"\.(cs|razor)$", "unfinished code", "throw new NotImplemented" + "Exception();"),
        new(@"(\(|new )Markup" + "String", @"^Web/.*\.(cs|razor)$", "HTML that skips the encoder", "@((Markup" + "String)body)"),
        new(@"(?i)\b(api\.nuget\.org|nuget\.org/v3|registry\.npm" + @"js|docker\.io|mcr\." + @"microsoft\.com|ghcr\.io|proxy\.golang)", @"(?<!packages\.lock\.json)$",
            "the host of a package registry", "FROM mcr." + "microsoft.com/dotnet/sdk"),
        new(@"(?<![\w.])/(home|Users|work)/\w+", @"\.(cs|razor|md|json|yaml|props|csproj|sh)$|^(run|test)$", "a path of somebody's machine", "cd /ho" + "me/me/src"),
        new(@"(?i)IgnoreQuery" + "Filters", @"^(Api|MailHost|Migrations)/.*\.cs$", "a query past the tenancy filters", "db.Accounts.IgnoreQuery" + "Filters()"),
        new(@"Service_?Locator|\.Result\b(?!s)\s*;.*Task|GetAwaiter\(\)\.GetResult\(\)", @"^(Api|MailHost|Web|Domain)/.*\.cs$",
            "waiting for a task on a thread", "x.GetAwaiter().GetResult();"),
    ];

    public static TheoryData<string> Reasons => [.. Words.Select(w => w.Why)];

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Nobody_writes(string why)
    {
        var word = Words.Single(w => w.Why == why);
        var found = Repository.Files
            .Where(f => Regex.IsMatch(f, word.Files) && !f.EndsWith("WordTests.cs", StringComparison.Ordinal) && IsText(f))
            .SelectMany(f => Repository.Read(f).Split('\n').Select((line, n) => (f, line, n)))
            .Where(x => Regex.IsMatch(x.line, word.Pattern))
            .Select(x => $"{x.f}:{x.n + 1}: {x.line.Trim()}");

        Assert.Empty(found);
    }

    [Fact]
    public void Each_word_would_be_found() => Assert.All(Words, w => Assert.Matches(w.Pattern, w.Twin));

    private static bool IsText(string file) =>
        Path.GetExtension(file) is not (".png" or ".jpg" or ".webp" or ".ico" or ".woff2" or ".gz" or ".eml" or ".pem" or ".gif");
}
