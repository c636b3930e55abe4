using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using SaaS.MailHost.Imap;
using SaaS.MailHost.ManageSieve;
using SaaS.MailHost.Net;
using SaaS.MailHost.Pop3;
using SaaS.MailHost.Smtp;

namespace SaaS.Fuzz.Targets;

/// <summary>A whole session that is brought into a state and then hears the input, on the real services.</summary>
internal sealed partial class SessionTarget(
    string name, string seeds, string prefix, Func<IServiceProvider, IConnectionServer> server, Action<string> form, params (string Key, string Value)[] settings)
    : Target, IObserved
{
    private readonly byte[] _prefix = Encoding.ASCII.GetBytes(prefix);
    private FuzzHost? _host;

    public override string Name => name;

    public override IReadOnlyList<byte[]> Words { get; } = Corpus.WordsOf(Corpus.Transcripts(seeds));

    public int Shape { get; private set; }

    public static SessionTarget Imap(string state, string prefix) => new(
        "imap-" + state, "Transcripts/Imap", prefix, p => p.GetRequiredService<ImapServer>(), ImapForm.Check, ("Roles", "imap"));

    public static SessionTarget Pop3(string state, string prefix) => new(
        "pop3-" + state, "Transcripts/Pop3", prefix, p => p.GetRequiredService<Pop3Server>(), Pop3Form, ("Roles", "pop3"));

    public static SessionTarget ManageSieve(string state, string prefix) => new(
        "managesieve-" + state, "Transcripts/ManageSieve", prefix, p => p.GetRequiredService<ManageSieveServer>(), SieveForm, ("Roles", "sieve"));

    public static SessionTarget Smtp(string server, string state, string prefix) => new(
        $"smtp-{server}-{state}", "Smtp/Transcripts", prefix, p => p.GetRequiredKeyedService<SmtpServer>(server), SmtpForm,
        ("Roles", server), ("Smtp:Mx:RecipientsPerMessage", "10"));

    public override IEnumerable<byte[]> Seeds() => Corpus.Transcripts(seeds);

    public override async Task ResetAsync()
    {
        await DisposeAsync();
        _host = await FuzzHost.CreateAsync(settings);
    }

    public override async Task RunAsync(byte[] input)
    {
        if (_host is null)
        {
            await ResetAsync();
        }

        var said = await _host!.TalkAsync(server(_host.Services), [.. _prefix, .. input]);
        if (_host.Faults.Take() is { } fault)
        {
            throw new InvalidOperationException(fault);
        }

        form(said);

        // Of each line the first words, without numbers: the same for inputs that were taken the same way.
        Shape = string.GetHashCode(string.Join('\n', said.Split("\r\n").Select(l => Varying().Replace(l.Length > 48 ? l[..48] : l, "#")).Distinct(StringComparer.Ordinal)), StringComparison.Ordinal);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
            _host = null;
        }

        await base.DisposeAsync();
    }

    private static void SmtpForm(string said)
    {
        foreach (var line in Lines(said))
        {
            Promise.That(Reply().IsMatch(line), $"no reply: {line}");
        }
    }

    private static void Pop3Form(string said)
    {
        // Messages have lines of every kind: only what must hold for all of it.
        Promise.That(said.StartsWith("+OK", StringComparison.Ordinal), "no greeting");
        Lines(said);
    }

    private static void SieveForm(string said)
    {
        for (var at = 0; at < said.Length;)
        {
            var end = said.IndexOf("\r\n", at, StringComparison.Ordinal);
            Promise.That(end >= 0, "the last line has no end");
            var line = said[at..end];
            at = end + 2;
            Promise.That(line.Length == 0 || line[0] is '"' or '{' || Status().IsMatch(line), $"no response: {line}");
            if (LiteralEnd().Match(line) is { Success: true } literal)
            {
                at += int.Parse(literal.Groups["size"].Value, System.Globalization.CultureInfo.InvariantCulture);
                Promise.That(at <= said.Length, "a literal is cut");
            }
        }
    }

    private static string[] Lines(string said)
    {
        if (said.Length == 0)
        {
            return [];
        }

        Promise.That(said.EndsWith("\r\n", StringComparison.Ordinal), "the last line has no end");
        return said[..^2].Split("\r\n");
    }

    [GeneratedRegex(@"^[2345]\d\d[ -][ -~]*$")]
    private static partial Regex Reply();

    [GeneratedRegex(@"^(OK|NO|BYE)( |$)")]
    private static partial Regex Status();

    [GeneratedRegex(@"\{(?<size>\d+)\}$", RegexOptions.ExplicitCapture)]
    private static partial Regex LiteralEnd();

    [GeneratedRegex(@"\d+|^[^*+ ]+ (?=OK|NO|BAD)")]
    private static partial Regex Varying();
}
