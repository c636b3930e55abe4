using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace SaaS.Fuzz;

/// <summary>Seeds, which are the transcripts of the tests, and the inputs that broke something once.</summary>
internal static partial class Corpus
{
    private static readonly string Root = FindRoot();

    private static string Crashes => Path.Combine(Root, "tests/Corpus/crashes");

    /// <summary>All inputs that ever broke a target: tests/Corpus/crashes/TARGET/*.</summary>
    public static IEnumerable<(string Target, string File)> Kept() =>
        !Directory.Exists(Crashes) ? [] : Directory.GetDirectories(Crashes).Order(StringComparer.Ordinal).SelectMany(folder =>
            Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(file => (Path.GetFileName(folder), Path.GetRelativePath(Crashes, file))));

    public static byte[] Read(string file) => File.ReadAllBytes(Path.Combine(Crashes, file));

    public static string Keep(string target, byte[] input)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Crashes, target)).FullName;
        var file = Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(input))[..12]);
        File.WriteAllBytes(file, input);
        return file;
    }

    /// <summary>What the clients of the transcripts below a folder send, one input a file.</summary>
    public static IEnumerable<byte[]> Transcripts(string folder)
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Root, "tests/MailHost.Tests", folder), "*.transcript", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var input = new StringBuilder();
            foreach (Match m in Sent().Matches(File.ReadAllText(file, Encoding.Latin1)))
            {
                input.Append(m.Groups["raw"].Success ? Unescape(m.Groups["raw"].Value.TrimEnd('\r')) : m.Groups["line"].Value.TrimEnd('\r') + "\r\n");
            }

            if (input.Length is > 0 and < 20_000)
            {
                yield return Encoding.Latin1.GetBytes(input.ToString());
            }
        }
    }

    /// <summary>Everything that looks like a word in the seeds.</summary>
    public static IReadOnlyList<byte[]> WordsOf(IEnumerable<byte[]> seeds) =>
        [.. seeds.SelectMany(s => Word().Matches(Encoding.Latin1.GetString(s)).Select(m => m.Value)).Distinct(StringComparer.Ordinal).Select(Encoding.Latin1.GetBytes)];

    private static string Unescape(string text) => Escape().Replace(Repeat().Replace(text, m =>
        string.Concat(Enumerable.Repeat(m.Groups["what"].Value, Math.Min(50, int.Parse(m.Groups["n"].Value, System.Globalization.CultureInfo.InvariantCulture))))), m =>
        m.Value[1] switch
        {
            'r' => "\r",
            'n' => "\n",
            't' => "\t",
            '0' => "\0",
            'x' => ((char)Convert.ToInt32(m.Value[2..], 16)).ToString(),
            var c => c.ToString(),
        });

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "SaaS.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Not inside the repository.");
        }

        return folder;
    }

    [GeneratedRegex(@"^C\d*(?:> ?(?<raw>.*)|: ?(?<line>.*))$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Sent();

    [GeneratedRegex(@"%\{(?<what>.*?)\*(?<n>\d+)\}", RegexOptions.ExplicitCapture)]
    private static partial Regex Repeat();

    [GeneratedRegex(@"\\(?:x[0-9A-Fa-f]{2}|[^x])")]
    private static partial Regex Escape();

    [GeneratedRegex(@"[A-Za-z\\$:/][\w.=\-:/]{1,40}")]
    private static partial Regex Word();
}
