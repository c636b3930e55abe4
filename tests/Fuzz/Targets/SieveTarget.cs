using System.Text;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using SaaS.Domain.Sieve;

namespace SaaS.Fuzz.Targets;

/// <summary>The compiler of filters, and what it compiles on a message.</summary>
internal sealed class SieveTarget : Target
{
    private static readonly SieveLimits Limits = new();
    private static readonly MessageBytes Message = MessageBytes.From(
        "From: Ada <ada@example.org>\r\nTo: you@example.test\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nDate: Thu, 1 Jan 2026 10:00:00 +0100\r\nList-Id: <l.example.org>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello.\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>x\r\n--b--\r\n"u8.ToArray());

    public override string Name => "sieve";

    public override IReadOnlyList<byte[]> Words => [.. Corpus.WordsOf(Seeds()), .. SieveScript.Extensions.Select(e => Encoding.UTF8.GetBytes($"require \"{e}\";"))];

    public override IEnumerable<byte[]> Seeds()
    {
        var all = string.Join(", ", SieveScript.Extensions.Select(e => $"\"{e}\""));
        string[] scripts =
        [
            "keep;", "if header :contains \"subject\" \"x\" { discard; } elsif true { stop; } else { keep; }",
            "fileinto :create :copy :flags [\"\\\\Seen\", \"$x\"] \"INBOX/a\"; setflag \"\\\\Flagged\"; addflag \"v\" \"a b\"; if hasflag :count \"ge\" [\"1\"] { removeflag \"a\"; }",
            "set :lower :upperfirst \"a\" \"${1}${b}\"; if string :matches \"${a}\" \"*?x\" { set :quotewildcard \"b\" \"${2}\"; } set :length \"n\" \"${a}\";",
            "if address :regex :localpart [\"from\", \"to\"] \"^(a|b)+.*[c-d]{1,3}$\" { redirect :copy \"x@y.test\"; }",
            "vacation :days 7 :addresses [\"a@b.test\"] :subject \"s\" :from \"a@b.test\" :handle \"h\" :mime \"Content-Type: text/plain\r\n\r\nx\";",
            "if anyof (size :over 1M, not exists \"x\", allof(envelope :domain \"from\" \"example.org\", body :text :contains \"hello\")) { reject text:\r\nline\r\n..dot\r\n.\r\n; }",
            "if currentdate :value \"ge\" :zone \"+0100\" \"iso8601\" \"2026\" { keep; } if date :originalzone \"date\" \"weekday\" \"4\" { keep; }",
            "foreverypart { if header :mime :anychild :contenttype \"content-type\" \"text/html\" { replace :subject \"s\" \"t\"; break; } extracttext \"v\"; enclose :subject \"a\" \"b\"; }",
            "addheader :last \"X-A\" \"b\"; deleteheader :index 1 :is \"Subject\" \"x\"; if duplicate :seconds 60 :uniqueid \"u\" { discard; }",
            "if mailboxexists [\"INBOX\"] { fileinto :specialuse \"\\\\Junk\" \"Spam\"; } include :personal :optional \"other\"; global [\"g\"]; return;",
            "notify :importance \"1\" :message \"m\" \"mailto:a@b.test?subject=x\"; if valid_notify_method [\"mailto:x@y\"] { } if spamtest :percent :value \"ge\" \"50\" { }",
            "# comment\r\n/* multi\r\nline */ if not not not true {{}}", "if header :index 2 :last :matches [\"received\"] [\"*by *\"] { ereject \"no\"; }",
        ];
        return scripts.Select(s => Encoding.UTF8.GetBytes($"require [{all}];\r\n{s}\r\n"));
    }

    public override Task RunAsync(byte[] input)
    {
        var (script, problem) = SieveScript.Compile(Encoding.UTF8.GetString(input), Limits);
        Promise.That(script is null != problem is null, "neither a script nor what is wrong with it");
        if (script is null)
        {
            Promise.That(problem!.Line >= 1, "no line");
            return Task.CompletedTask;
        }

        var context = new SieveContext
        {
            Message = Message,
            Parsed = MessageParser.Parse(Message),
            ReversePath = MailAddress.Parse("ada@example.org"),
            Recipient = MailAddress.Parse("you+list@example.test"),
            OwnAddresses = ["you@example.test"],
            Now = new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero),
            Mailboxes = [],
            Scripts = new Dictionary<string, SieveScript?>(),
        };
        for (var n = 0; n < 200; n++)
        {
            var (result, missing) = SieveRunner.Run(script, null, context, Limits);
            if (result is not null)
            {
                foreach (var store in result.Actions.OfType<SieveAction.Store>())
                {
                    using var bytes = store.Content.Render(forSending: false);
                    _ = MessageParser.Parse(bytes);
                }

                return Task.CompletedTask;
            }

            context = context with { Facts = new Dictionary<SieveFact, string?>(context.Facts) { [missing!] = n % 2 == 0 ? "x" : null } };
        }

        throw new InvalidOperationException("it asks for ever");
    }
}
