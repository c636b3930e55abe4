using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit;

namespace SaaS.MailHost.Tests.Imap;

/// <summary>
/// The same commands on our server and on Debian's Dovecot: their answers must be the same, numbers that each chooses for itself and words for people
/// aside. Files in Differences/: a line is "N command" for session N ("\r\n" and the like are escapes); "messages" is the mailbox that most begin with.
/// A line that begins with "! reason:" in front of a command says why the two differ there, and then they have to.
/// </summary>
public sealed partial class DovecotDifferenceTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Imap/Differences");

    /// <summary>Untagged responses that servers give or leave out as they like.</summary>
    private static readonly string[] Optional =
    [
        "* FLAGS", "* OK [PERMANENTFLAGS", "* OK [UNSEEN", "* OK [HIGHESTMODSEQ", "* OK [MAILBOXID", "* OK [CLOSED", "* OK [NOMODSEQ", "* CAPABILITY", "* ENABLED", "* OK Still",
        "* OK [UIDVALIDITY",
    ];

    public static TheoryData<string> Files => [.. Directory.GetFiles(Folder, "*.commands").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Dovecot_answers_the_same(string file)
    {
        // Not every difference has been looked at: for whoever works on one of them, not for every run.
        Assert.SkipUnless(Environment.GetEnvironmentVariable("DOVECOT_DIFFERENCE") == "1", "DOVECOT_DIFFERENCE=1 is not set.");
        if (!File.Exists("/usr/bin/doveadm") || !File.Exists("/usr/lib/dovecot/imap") || Environment.UserName != "root")
        {
            Assert.Skip("Needs root and the package dovecot-imapd.");
            return;
        }

        var lines = await File.ReadAllLinesAsync(Path.Combine(Folder, file), TestContext.Current.CancellationToken);
        await using var ours = await ImapHost.CreateAsync();
        using var dovecot = await Dovecot.CreateAsync();
        var sessions = new Dictionary<char, (ImapPeer Ours, ImapPeer Theirs)>();
        var wrong = new List<string>();
        try
        {
            string? reason = null;
            foreach (var (line, number) in lines.Select((l, i) => (l.Trim(), i + 1)).Where(l => l.Item1.Length > 0 && l.Item1[0] != '#'))
            {
                if (line.StartsWith("! ", StringComparison.Ordinal))
                {
                    reason = line;
                    continue;
                }

                foreach (var (session, command) in Commands(line))
                {
                    if (!sessions.TryGetValue(session, out var pair))
                    {
                        pair = (await ImapPeer.SignInAsync(ours), await dovecot.ConnectAsync());
                        sessions.Add(session, pair);
                    }

                    var us = Normal(await pair.Ours.DoAsync(command).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
                    var them = Normal(await pair.Theirs.DoAsync(command).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
                    if (us == them == (reason is not null))
                    {
                        wrong.Add(reason is null ? $"{file}:{number}: {line}\n--- ours\n{us}\n--- Dovecot's\n{them}" : $"{file}:{number}: {line}\nthe same, though: {reason}\n{us}");
                    }
                }

                reason = null;
            }
        }
        finally
        {
            foreach (var (us, them) in sessions.Values)
            {
                await us.DisposeAsync();
                await them.DisposeAsync();
            }
        }

        Assert.True(wrong.Count == 0, string.Join("\n\n", wrong));
    }

    private static IEnumerable<(char Session, string Command)> Commands(string line)
    {
        if (line != "messages")
        {
            yield return (line[0], Regex.Unescape(line[2..]));
            yield break;
        }

        for (var n = 0; n < Messages.Length; n++)
        {
            yield return ('1', $"APPEND INBOX ({Flags[n]}) \"{n + 1:00}-Mar-2026 10:00:00 +0000\" {{{Messages[n].Length}+}}\r\n{Messages[n]}");
        }
    }

    private static string Normal(List<string> responses)
    {
        var kept = responses.Where(r => !Optional.Any(o => r.StartsWith(o, StringComparison.OrdinalIgnoreCase)) && !Recent().IsMatch(r)).Select(Normal).ToList();

        // Data come in any order; numbers of messages that go do not.
        return string.Join('\n', kept.Where(r => !r.Contains(" EXPUNGE", StringComparison.Ordinal) && r[0] == '*').Order(StringComparer.Ordinal)
            .Concat(kept.Where(r => r.Contains(" EXPUNGE", StringComparison.Ordinal))).Concat(kept.Where(r => r[0] != '*')));
    }

    private static string Normal(string response)
    {
        if (Status().Match(response) is { Success: true } status)
        {
            var code = status.Groups["code"].Value;
            code = code.StartsWith("APPENDUID", StringComparison.Ordinal) || code.StartsWith("COPYUID", StringComparison.Ordinal) ? Regex.Replace(code, "^(\\w+) \\d+", "$1 V") : code;
            return $"{status.Groups["head"].Value} {(Told().IsMatch(code) ? code : "")}".TrimEnd();
        }

        var tree = ImapTree.Parse(response);
        var word = tree.ElementAtOrDefault(2) as string is "FETCH" ? "FETCH" : tree.ElementAtOrDefault(1) as string ?? "";
        switch (word.ToUpperInvariant())
        {
            case "FETCH" when tree[3] is List<object> items:
                tree[3] = Pairs(items);
                break;
            case "STATUS" when tree[^1] is List<object> items:
                tree[^1] = Pairs(items);
                break;
            case "LIST" or "LSUB" when tree[2] is List<object> attributes:
                tree[2] = attributes.OrderBy(ImapTree.Show, StringComparer.OrdinalIgnoreCase).ToList();
                break;
        }

        return Modseq().Replace(ImapTree.Show(tree), "MODSEQ M").Replace("\"", "", StringComparison.Ordinal);
    }

    /// <summary>Names and values in the order of the names; flags in theirs.</summary>
    private static List<object> Pairs(List<object> items)
    {
        var pairs = new List<(string Name, object Value)>();
        for (var i = 0; i + 1 < items.Count; i += 2)
        {
            var name = ImapTree.Show(items[i]).ToUpperInvariant();
            pairs.Add((name, name switch
            {
                "FLAGS" when items[i + 1] is List<object> flags => flags.Where(f => f as string != "\\Recent").OrderBy(ImapTree.Show, StringComparer.OrdinalIgnoreCase).ToList(),
                "UIDVALIDITY" or "HIGHESTMODSEQ" or "MODSEQ" => "M",
                _ => items[i + 1],
            }));
        }

        return [.. pairs.OrderBy(p => p.Name, StringComparer.Ordinal).SelectMany(p => new[] { p.Name, p.Value })];
    }

    [GeneratedRegex(@"^(?<head>(\*|tag) (OK|NO|BAD|BYE))( \[(?<code>[^\]]*)\])?", RegexOptions.ExplicitCapture)]
    private static partial Regex Status();

    /// <summary>Codes that a client acts on.</summary>
    [GeneratedRegex("^(APPENDUID|COPYUID|TRYCREATE|READ-ONLY|READ-WRITE|MODIFIED|UIDNEXT|NONEXISTENT|ALREADYEXISTS|UIDNOTSTICKY|BADCHARSET)")]
    private static partial Regex Told();

    [GeneratedRegex(@"^\* \d+ RECENT$")]
    private static partial Regex Recent();

    [GeneratedRegex(@"MODSEQ \(?\d+\)?")]
    private static partial Regex Modseq();

    private static readonly string[] Flags = ["\\Seen", "", "\\Flagged", "\\Answered \\Seen", "$label", "\\Draft", "\\Deleted", ""];

    private static readonly string[] Messages =
    [
        "From: Alice Example <alice@example.org>\r\nTo: u1@example.test\r\nSubject: Lunch\r\nDate: Sun, 1 Mar 2026 09:00:00 +0100\r\nMessage-ID: <m1@example.org>\r\n\r\nHello there.\r\nSecond line.\r\n",
        "From: bob@example.net\r\nTo: Team <team@example.test>, u1@example.test\r\nCc: carol@example.com\r\nSubject: Re: Lunch\r\nDate: Mon, 2 Mar 2026 23:30:00 -0500\r\nMessage-ID: <m2@example.net>\r\nIn-Reply-To: <m1@example.org>\r\nReferences: <m1@example.org>\r\n\r\nYes please.\r\n",
        "From: Zoe <zoe@example.org>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nDate: Tue, 3 Mar 2026 08:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b1\"\r\n\r\npreamble\r\n--b1\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\ncaf=C3=A9 =\r\nend\r\n--b1\r\nContent-Type: application/octet-stream; name=\"a.bin\"\r\nContent-Disposition: attachment; filename=\"a.bin\"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAwQF\r\n--b1--\r\n",
        "From: dave@example.org\r\nTo: u1@example.test\r\nBcc: hidden@example.test\r\nSubject: report\r\nDate: Wed, 4 Mar 2026 12:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\nFrom: inner@example.org\r\nSubject: Inside\r\nDate: Tue, 3 Mar 2026 12:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n--i\r\nContent-Type: text/plain\r\n\r\nplain inside\r\n--i\r\nContent-Type: text/html\r\n\r\n<p>html inside</p>\r\n--i--\r\n",
        "From: \"Example, Eve\" <eve@example.org>\r\nSender: s@example.org\r\nReply-To: r@example.org\r\nTo: u1@example.test\r\nSubject: [list] Lunch (fwd)\r\nDate: Thu, 5 Mar 2026 12:00:00 +0000\r\nMessage-ID: <m5@example.org>\r\nReferences: <m1@example.org> <m2@example.net>\r\nX-Priority: 1\r\n\r\nlong text " + new string('x', 3000) + "\r\n",
        "Subject: no from\r\n\r\n",
        "From: frank@example.org\r\nTo: undisclosed-recipients:;\r\nSubject: Old\r\nDate: Sat, 7 Mar 2020 12:00:00 +0000\r\nMessage-ID: <m7@example.org>\r\n\r\n.\r\n..dots\r\n",
        "From: grace@example.org\r\nTo: u1@example.test\r\nSubject: Re: Re: Lunch\r\nDate: Sun, 8 Mar 2026 12:00:00 +0000\r\nMessage-ID: <m8@example.org>\r\nIn-Reply-To: <m2@example.net>\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=us-ascii\r\n\r\n<p>Lunch?</p>\r\n",
    ];

    /// <summary>Dovecot's imap process on a store of its own, as many sessions as are asked for; no daemon and no port.</summary>
    private sealed class Dovecot : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("postyard-dovecot-").FullName;

        public static async Task<Dovecot> CreateAsync()
        {
            var dovecot = new Dovecot();
            var boxes = string.Concat(new[] { "Drafts", "Sent", "Trash", "Junk", "Archive" }.Select(n => $"mailbox {n} {{\nspecial_use = \\{n}\nauto = subscribe\n}}\n"));
            await File.WriteAllTextAsync(Path.Combine(dovecot._folder, "dovecot.conf"), $$"""
                base_dir = {{dovecot._folder}}/run
                state_dir = {{dovecot._folder}}/run
                log_path = {{dovecot._folder}}/log
                protocols = imap
                ssl = no
                mail_location = sdbox:{{dovecot._folder}}/mail
                mailbox_list_index = yes
                first_valid_uid = 0
                mail_uid = mail
                mail_gid = mail
                namespace inbox {
                inbox = yes
                separator = /
                {{boxes}}
                }

                """);
            using var chown = Process.Start("chown", ["-R", "mail:mail", dovecot._folder]);
            await chown.WaitForExitAsync();
            return dovecot;
        }

        public Task<ImapPeer> ConnectAsync()
        {
            var start = new ProcessStartInfo("runuser", ["-u", "mail", "--", "/usr/bin/doveadm", "-c", Path.Combine(_folder, "dovecot.conf"), "exec", "imap"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                WorkingDirectory = _folder,
            };
            start.Environment["HOME"] = _folder;
            start.Environment["USER"] = "mail";
            return ImapPeer.OfAsync(Process.Start(start)!);
        }

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }
}
