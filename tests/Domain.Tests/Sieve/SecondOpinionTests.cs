using System.Diagnostics;
using System.Text;
using SaaS.Domain.Sieve;
using Xunit;

namespace SaaS.Domain.Tests.Sieve;

/// <summary>The same scripts over the same message by Pigeonhole's sieve-test (Debian's dovecot-sieve), where it is installed.</summary>
public sealed class SecondOpinionTests
{
    private const string Tool = "/usr/bin/sieve-test";

    private const string Head = """
        require ["fileinto", "imap4flags", "copy", "envelope", "subaddress", "variables", "relational", "comparator-i;ascii-numeric", "regex", "body", "date",
          "index", "encoded-character", "vacation", "mailbox", "foreverypart", "mime", "extracttext", "reject", "environment"];
        """;

    private const string Message = """
        Received: from a.example by b.example; Tue, 22 Sep 2026 10:11:12 +0200
        Received: from c.example by a.example; Tue, 22 Sep 2026 09:11:12 +0200
        From: "Ada L." <ada+work@example.org>
        To: You <you@example.test>, =?utf-8?q?J=C3=BCrgen?= <team@example.test>
        Cc: "quoted, name" <third@EXAMPLE.net>
        Subject: =?utf-8?q?[build]_Frop_is_gr=C3=BCn?=
        Date: Tue, 22 Sep 2026 08:09:10 -0400
        Message-ID: <m1@example.org>
        X-Number: 0042
        X-Empty:
        X-Folded: one
          two
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary="b"

        --b
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: quoted-printable

        Hello there, gr=C3=BCn =
        is the colour.
        --b
        Content-Type: text/html

        <p>Some <b>bold</b> text</p>
        --b
        Content-Type: application/pdf; name="bill.pdf"
        Content-Disposition: attachment; filename="bill.pdf"
        Content-Transfer-Encoding: base64

        QUJD
        --b--

        """;

    public static TheoryData<string> Scripts => [.. new[]
    {
        "keep;", "discard;", "fileinto \"Work\";", "fileinto :copy \"Work\";", "redirect \"a@b.example\";", "redirect :copy \"a@b.example\"; fileinto \"Work\";",
        "setflag [\"\\\\Seen\", \"x y\"]; removeflag \"X\"; fileinto \"Work\"; addflag \"\\\\Flagged\"; keep;", "keep :flags \"\\\\Deleted a\"; stop; discard;",
        "fileinto \"Work\"; fileinto \"Work\";", "discard; fileinto \"Work\";", "stop; discard;", "vacation :days 3 \"I am away\";", "reject \"No\";",
        "set \"a\" \"Wo\"; set :upperfirst :lower \"b\" \"RK\"; fileinto \"${a}${b}${c}\";", "set :length \"n\" \"grün\"; fileinto \"n${n}\";",
        "set :quotewildcard \"q\" \"a*?\\\\b\"; if string :is \"${q}\" \"a\\\\*\\\\?\\\\\\\\b\" { fileinto \"quoted\"; }", "if header :matches \"subject\" \"[*] * is *\" { fileinto \"${1}-${2}-${3}\"; }",
        "if header :matches \"to\" \"*<*@*>*\" { fileinto \"${2}\"; }", "if header :regex \"subject\" \"^\\\\[([a-z]+)\\\\] (.*) is\" { fileinto \"${1}-${2}\"; }",
        "if header :matches \"x-folded\" \"*\" { fileinto \"${1}\"; }", "if header :is \"x-empty\" \"\" { fileinto \"yes\"; }", "if exists \"x-none\" { discard; } else { fileinto \"no\"; }",
        "if address :user \"from\" \"ada\" { fileinto \"user\"; }", "if address :detail \"from\" \"work\" { fileinto \"detail\"; }", "if address :domain :is \"cc\" \"example.NET\" { fileinto \"cc\"; }",
        "if address :all :contains [\"to\", \"cc\"] \"third\" { fileinto \"third\"; }", "if address :count \"eq\" [\"to\", \"cc\"] \"3\" { fileinto \"three\"; }",
        "if header :count \"eq\" \"received\" \"2\" { fileinto \"two\"; }", "if header :value \"gt\" :comparator \"i;ascii-numeric\" \"x-number\" \"41\" { fileinto \"more\"; }",
        "if header :is :comparator \"i;ascii-numeric\" \"x-number\" \"42\" { fileinto \"same\"; }", "if header :is :comparator \"i;octet\" \"x-number\" \"42\" { fileinto \"same\"; }",
        "if header :index 2 :contains \"received\" \"from c\" { fileinto \"second\"; }", "if header :last :index 1 :contains \"received\" \"from c\" { fileinto \"last\"; }",
        "if envelope :localpart \"to\" \"you\" { fileinto \"to\"; }", "if envelope :all \"from\" \"them@example.org\" { fileinto \"from\"; }",
        "if size :over 1K { fileinto \"big\"; } elsif size :under 1K { fileinto \"small\"; }", "if body :contains \"grün is the colour\" { fileinto \"text\"; }",
        "if body :raw :contains \"QUJD\" { fileinto \"raw\"; }", "if body :content \"application\" :contains \"ABC\" { fileinto \"content\"; }", "if body :text :contains \"<b>\" { fileinto \"tags\"; }",
        "if date :originalzone \"date\" \"hour\" \"08\" { fileinto \"hour\"; }", "if date :zone \"+0200\" \"date\" \"time\" \"14:09:10\" { fileinto \"zone\"; }",
        "if date :originalzone \"received\" \"iso8601\" \"2026-09-22T10:11:12+02:00\" { fileinto \"iso\"; }", "if date :originalzone \"date\" \"std11\" \"Tue, 22 Sep 2026 08:09:10 -0400\" { fileinto \"std\"; }",
        "if date :originalzone \"date\" \"julian\" \"61305\" { fileinto \"julian\"; }", "if header :contains \"subject\" \"${hex:47 52 c3 bc}\" { fileinto \"hex\"; }",
        "if header :contains \"subject\" \"gr${unicode:FC}n\" { fileinto \"unicode\"; }", "require \"ihave\"; if ihave \"nope\" { discard; } else { fileinto \"without\"; }",
        "if header :mime :anychild :param \"filename\" :is \"content-disposition\" \"bill.pdf\" { fileinto \"pdf\"; }", "if header :mime :anychild :subtype \"content-type\" \"html\" { fileinto \"html\"; }",
        "foreverypart { if header :mime :type \"content-type\" \"application\" { fileinto \"app\"; break; } }",
        "foreverypart { if header :mime :subtype \"content-type\" \"plain\" { extracttext :first 5 \"t\"; fileinto \"${t}\"; } }",
        "if allof (not false, anyof (false, true)) { fileinto \"logic\"; }", "if hasflag \"x\" { discard; } else { addflag \"x\"; if hasflag :contains \"X\" { fileinto \"has\"; } }",
        "if string :matches \"a.b.c\" \"*.*\" { fileinto \"${1}-${2}\"; }", "if header :comparator \"i;octet\" :contains \"subject\" \"FROP\" { discard; }",
        "if not mailboxexists \"Nowhere\" { fileinto \"none\"; }", "require_nothing;", "keep 1;", "if header \"a\" {}", "fileinto [\"a\"];", "redirect \"x\";",
    }];

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task Pigeonhole_comes_to_the_same(string script)
    {
        Assert.SkipUnless(File.Exists(Tool), "Debian's dovecot-sieve is not installed.");
        var folder = Directory.CreateTempSubdirectory("second-opinion-").FullName;
        try
        {
            var theirs = await AskAsync(folder, script);
            var ours = SieveScript.Compile(Head + script, new SieveLimits()).Script is null ? ["not valid"] : Ours(script);
            Assert.Equal(theirs, ours);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static List<string> Ours(string script)
    {
        var result = SieveBench.Execute(Head + script, Message, "them@example.org", c => c with { Recipient = Domain.Common.MailAddress.Parse("you@example.test") });
        Assert.Null(result.Error);
        return [.. result.Actions.Select(a => a switch
        {
            SieveAction.Store s => $"store {s.Target.Name ?? "INBOX"} {string.Join(' ', s.Flags.Select(f => f.ToLowerInvariant()).Order(StringComparer.Ordinal))}".TrimEnd(),
            SieveAction.Redirect r => $"redirect {r.Address}",
            SieveAction.Vacation => "vacation",
            SieveAction.Reject => "reject",
            _ => "?",
        }).Order(StringComparer.Ordinal)];
    }

    private static async Task<List<string>> AskAsync(string folder, string script)
    {
        await File.WriteAllTextAsync($"{folder}/script.sieve", Head + script);
        await File.WriteAllTextAsync($"{folder}/message.eml", Message.ReplaceLineEndings("\r\n"));
        await File.WriteAllTextAsync($"{folder}/dovecot.conf", $"mail_uid = 65534\nmail_gid = 65534\nfirst_valid_uid = 0\nmail_location = maildir:{folder}/mail\n");
        var start = new ProcessStartInfo(Tool, ["-c", $"{folder}/dovecot.conf", "-f", "them@example.org", "-r", "you@example.test", $"{folder}/script.sieve", $"{folder}/message.eml"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["HOME"] = folder;
        if (OperatingSystem.IsLinux())
        {
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111);
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (text.Length == 0)
        {
            return (await errors).Contains("script.sieve: line", StringComparison.Ordinal) || (await errors).Contains("error", StringComparison.Ordinal)
                ? ["not valid"] : throw new InvalidOperationException(await errors);
        }

        var actions = new List<StringBuilder>();
        foreach (var line in text.Split('\n').Select(l => l.Trim()))
        {
            if (line.StartsWith("* store message in folder: ", StringComparison.Ordinal))
            {
                actions.Add(new StringBuilder("store ").Append(line["* store message in folder: ".Length..]));
            }
            else if (line.StartsWith("+ add IMAP flags: ", StringComparison.Ordinal))
            {
                actions[^1].Append(' ').AppendJoin(' ', line["+ add IMAP flags: ".Length..].ToLowerInvariant().Split(' ', ',').Where(f => f.Length > 0).Order(StringComparer.Ordinal));
            }
            else if (line.StartsWith("* redirect message to: <", StringComparison.Ordinal))
            {
                actions.Add(new StringBuilder("redirect ").Append(line["* redirect message to: <".Length..].TrimEnd('>')));
            }
            else if (line.StartsWith("* send vacation message", StringComparison.Ordinal))
            {
                actions.Add(new StringBuilder("vacation"));
            }
            else if (line.StartsWith("* reject message", StringComparison.Ordinal))
            {
                actions.Add(new StringBuilder("reject"));
            }
        }

        return [.. actions.Select(a => a.ToString()).Order(StringComparer.Ordinal)];
    }
}
