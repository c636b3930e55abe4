using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace SaaS.MailHost.Tests.Transcripts;

internal enum StepKind
{
    Send,
    SendRaw,
    Expect,
    ExpectAnyOrder,
    ExpectClosed,
    StartTls,
    Open,
    Close,
    Clock,
}

internal sealed record Step(StepKind Kind, int Connection, string Text, int Line);

/// <summary>One parsed file; see README.md for the format.</summary>
internal sealed partial class Transcript
{
    public required string Name { get; init; }

    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    public List<Step> Steps { get; } = [];

    public int Connections => int.Parse(Headers.GetValueOrDefault("connections", "1"), CultureInfo.InvariantCulture);

    public Encoding Encoding => Headers.GetValueOrDefault("charset") == "utf-8" ? Encoding.UTF8 : Encoding.Latin1;

    [GeneratedRegex(@"^(?<side>[CS])(?<n>\d*)(?<mark>[*!>]?)(?:: ?|(?<=>) ?)(?<text>.*)$", RegexOptions.ExplicitCapture)]
    private static partial Regex StepLine();

    [GeneratedRegex(@"^(?<key>[a-zA-Z][\w-]*): *(?<value>.*)$", RegexOptions.ExplicitCapture)]
    private static partial Regex HeaderLine();

    public static Transcript Load(string path, string name)
    {
        var t = new Transcript { Name = name };
        var number = 0;
        foreach (var raw in File.ReadAllText(path, Encoding.UTF8).Split('\n'))
        {
            number++;
            var line = raw.TrimEnd('\r');
            if (string.IsNullOrWhiteSpace(line) || line[0] == '#')
            {
                continue;
            }

            if (line.StartsWith("clock:", StringComparison.Ordinal))
            {
                t.Steps.Add(new Step(StepKind.Clock, 0, line[6..].Trim(), number));
            }
            else if (StepLine().Match(line) is { Success: true } m)
            {
                t.Steps.Add(Parse(m, number));
            }
            else if (HeaderLine().Match(line) is { Success: true } h && t.Steps.Count == 0)
            {
                t.Headers[h.Groups["key"].Value] = h.Groups["value"].Value.Trim();
            }
            else
            {
                throw new FormatException($"{name}:{number}: not a transcript line: {line}");
            }
        }

        return t;
    }

    private static Step Parse(Match m, int number)
    {
        var connection = m.Groups["n"].Value is { Length: > 0 } n ? int.Parse(n, CultureInfo.InvariantCulture) : 1;
        var text = m.Groups["text"].Value;
        var kind = (m.Groups["side"].Value, m.Groups["mark"].Value, text.Trim()) switch
        {
            ("C", "", _) => StepKind.Send,
            ("C", ">", _) => StepKind.SendRaw,
            ("C", "!", "tls") => StepKind.StartTls,
            ("C", "!", "open") => StepKind.Open,
            ("C", "!", "close") => StepKind.Close,
            ("S", "", _) => StepKind.Expect,
            ("S", "*", _) => StepKind.ExpectAnyOrder,
            ("S", "!", "closed") => StepKind.ExpectClosed,
            _ => throw new FormatException($"line {number}: no such step"),
        };
        return new Step(kind, connection, text, number);
    }
}

/// <summary>Finds the files beside the tests, for theories.</summary>
internal static class TranscriptFiles
{
    private static readonly string Root = AppContext.BaseDirectory;

    /// <summary>Paths relative to the test project, such as "Smtp/Transcripts/data/dot.transcript".</summary>
    public static IEnumerable<string> Under(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.transcript", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(Root, f)).Order(StringComparer.Ordinal);

    public static Transcript Load(string name) => Transcript.Load(Path.Combine(Root, name), name);
}
