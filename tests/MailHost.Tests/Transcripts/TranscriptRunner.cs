using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using SaaS.TestKit;

namespace SaaS.MailHost.Tests.Transcripts;

/// <summary>Plays a transcript against connections that <paramref name="open"/> makes.</summary>
internal sealed class TranscriptRunner(Transcript transcript, Func<int, Task<TestClient>> open, ManualClock? clock = null) : IAsyncDisposable
{
    private readonly Dictionary<int, TestClient> _clients = [];
    private readonly StringBuilder _dialogue = new();

    /// <summary>What the transcript captured; a test may put values in before.</summary>
    public Dictionary<string, string> Captures { get; } = new(StringComparer.Ordinal);

    public async Task RunAsync()
    {
        for (var i = 1; i <= transcript.Connections; i++)
        {
            _clients[i] = await open(i);
        }

        for (var i = 0; i < transcript.Steps.Count; i++)
        {
            var step = transcript.Steps[i];
            if (step.Kind == StepKind.ExpectAnyOrder)
            {
                var block = transcript.Steps.Skip(i).TakeWhile(s => s.Kind == StepKind.ExpectAnyOrder && s.Connection == step.Connection).ToList();
                await ExpectBlockAsync(block);
                i += block.Count - 1;
            }
            else
            {
                await PlayAsync(step);
            }
        }
    }

    private async Task PlayAsync(Step step)
    {
        switch (step.Kind)
        {
            case StepKind.Send:
                await SendAsync(step, transcript.Encoding.GetBytes(Fill(step.Text) + "\r\n"));
                break;
            case StepKind.SendRaw:
                await SendAsync(step, Unescape(Fill(step.Text), transcript.Encoding));
                break;
            case StepKind.Expect:
                var line = await ReadAsync(step) ?? throw Failure(step, "the server closed the connection");
                if (!Matches(step.Text, line))
                {
                    throw Failure(step, $"got      {line}");
                }

                break;
            case StepKind.ExpectClosed:
                if (await ReadAsync(step) is { } extra)
                {
                    throw Failure(step, $"got      {extra}");
                }

                break;
            case StepKind.StartTls:
                await _clients[step.Connection].StartTlsAsync();
                break;
            case StepKind.Open:
                _clients[step.Connection] = await open(step.Connection);
                break;
            case StepKind.Close:
                await _clients[step.Connection].DisposeAsync();
                break;
            case StepKind.Clock:
                clock!.Advance(ParseSpan(step.Text));
                break;
            default:
                throw new NotSupportedException(step.Kind.ToString());
        }
    }

    private async Task ExpectBlockAsync(List<Step> block)
    {
        var open = new List<Step>(block);
        while (open.Count > 0)
        {
            var line = await ReadAsync(block[0]) ?? throw Failure(block[0], "the server closed the connection");
            var match = open.Find(s => Matches(s.Text, line)) ?? throw Failure(open[0], $"got      {line}");
            open.Remove(match);
        }
    }

    private async Task SendAsync(Step step, byte[] bytes)
    {
        _dialogue.AppendLine(CultureInfo.InvariantCulture, $"{step.Connection} > {Show(Encoding.Latin1.GetString(bytes))}");
        await _clients[step.Connection].SendAsync(bytes);
    }

    private async Task<string?> ReadAsync(Step step)
    {
        string? line;
        try
        {
            line = await _clients[step.Connection].ReadLineAsync(transcript.Encoding);
        }
        catch (TimeoutException)
        {
            throw Failure(step, "the server said nothing");
        }

        _dialogue.AppendLine(CultureInfo.InvariantCulture, $"{step.Connection} < {line ?? "(closed)"}");
        return line;
    }

    private Xunit.Sdk.XunitException Failure(Step step, string why) => new Xunit.Sdk.XunitException(
        $"{transcript.Name}:{step.Line}\n{why}\nexpected {Fill(step.Text)}\n\n{_dialogue}");

    private string Fill(string text) =>
        Regex.Replace(text, @"\$\{(\w+)\}", m => Captures.GetValueOrDefault(m.Groups[1].Value, m.Value));

    private bool Matches(string pattern, string line)
    {
        // ~ and unknown ${name} become groups, all else is literal.
        var names = new List<string>();
        var regex = new StringBuilder("^");
        foreach (Match m in Regex.Matches(Fill(pattern), @"\$\{(?<name>\w+)\}|~|[^~$]+|\$"))
        {
            if (m.Value == "~")
            {
                regex.Append(".*?");
            }
            else if (m.Groups["name"].Success)
            {
                regex.Append("(.+?)");
                names.Add(m.Groups["name"].Value);
            }
            else
            {
                regex.Append(Regex.Escape(m.Value));
            }
        }

        var match = Regex.Match(line, regex.Append('$').ToString(), RegexOptions.Singleline);
        for (var i = 0; match.Success && i < names.Count; i++)
        {
            Captures[names[i]] = match.Groups[i + 1].Value;
        }

        return match.Success;
    }

    internal static byte[] Unescape(string text, Encoding encoding)
    {
        var bytes = new List<byte>();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && Regex.Match(text[i..], @"^%\{(?<what>.+?)\*(?<n>\d+)\}", RegexOptions.ExplicitCapture) is { Success: true } m)
            {
                var part = Unescape(m.Groups["what"].Value, encoding);
                for (var n = int.Parse(m.Groups["n"].Value, CultureInfo.InvariantCulture); n > 0; n--)
                {
                    bytes.AddRange(part);
                }

                i += m.Length - 1;
            }
            else if (text[i] == '\\')
            {
                i++;
                switch (text[i])
                {
                    case 'r':
                        bytes.Add((byte)'\r');
                        break;
                    case 'n':
                        bytes.Add((byte)'\n');
                        break;
                    case 't':
                        bytes.Add((byte)'\t');
                        break;
                    case '0':
                        bytes.Add(0);
                        break;
                    case 'x':
                        bytes.Add(byte.Parse(text.AsSpan(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                        i += 2;
                        break;
                    default:
                        bytes.Add((byte)text[i]);
                        break;
                }
            }
            else
            {
                bytes.AddRange(encoding.GetBytes(text[i].ToString()));
            }
        }

        return [.. bytes];
    }

    internal static TimeSpan ParseSpan(string text)
    {
        var amount = double.Parse(text.AsSpan(1, text.Length - 2), CultureInfo.InvariantCulture);
        return text[^1] switch
        {
            's' => TimeSpan.FromSeconds(amount),
            'm' => TimeSpan.FromMinutes(amount),
            'h' => TimeSpan.FromHours(amount),
            'd' => TimeSpan.FromDays(amount),
            _ => throw new FormatException(text),
        };
    }

    private static string Show(string sent) =>
        (sent.Length > 300 ? sent[..300] + "…" : sent).TrimEnd('\n').TrimEnd('\r').Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values)
        {
            await client.DisposeAsync();
        }
    }
}
