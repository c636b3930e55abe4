using System.Text.RegularExpressions;
using Xunit;

namespace SaaS.Web.Tests.Portal;

/// <summary>
/// value and oninput side by side write the server's older text over what was typed since, on any connection slower than the typist;
/// bound inputs do not.
/// </summary>
public sealed class TypingTests
{
    [Fact]
    public void No_text_input_is_written_back_by_hand()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "SaaS.sln")))
        {
            root = root.Parent!;
        }

        var pages = Directory.EnumerateFiles(Path.Combine(root.FullName, "Web"), "*.razor", SearchOption.AllDirectories).ToList();
        Assert.True(pages.Count > 80);
        var tag = new Regex("<(input|textarea)[^>]*@oninput=[^>]*>", RegexOptions.None, TimeSpan.FromSeconds(5));
        var found = pages.SelectMany(p => tag.Matches(File.ReadAllText(p)).Select(m => m.Value))
            .Where(t => t.Contains("value=", StringComparison.Ordinal) && !t.Contains("type=\"color\"", StringComparison.Ordinal));
        Assert.Empty(found);
    }
}
