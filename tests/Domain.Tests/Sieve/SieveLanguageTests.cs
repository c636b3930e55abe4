using System.Diagnostics;
using Xunit;

namespace SaaS.Domain.Tests.Sieve;

public sealed class SieveLanguageTests
{
    private static bool True(string test, string require = "", string message = SieveBench.Plain, string? from = "ada@example.org") =>
        SieveBench.Run($"{(require.Length == 0 ? "" : $"require [{require}];")}\nif {test} {{ discard; }}", message, from) is var told
        && (told is "discard" or "remember" || (told.StartsWith("keep", StringComparison.Ordinal) ? false : throw new InvalidOperationException(told)));

    [Theory]
    [InlineData("", "keep")]
    [InlineData("keep;", "keep")]
    [InlineData("discard;", "discard")]
    [InlineData("discard; keep;", "keep")]
    [InlineData("stop; discard;", "keep")]
    [InlineData("redirect \"a@b.example\";", "redirect a@b.example")]
    [InlineData("require \"copy\"; redirect :copy \"a@b.example\";", "redirect a@b.example; keep")]
    [InlineData("require \"fileinto\"; fileinto \"Work\";", "fileinto Work")]
    [InlineData("require \"fileinto\"; fileinto \"inbox\"; keep;", "keep")]
    [InlineData("require \"fileinto\"; fileinto \"Work\"; fileinto \"Work\";", "fileinto Work")]
    [InlineData("require [\"fileinto\", \"copy\"]; fileinto :copy \"Work\";", "fileinto Work; keep")]
    [InlineData("require [\"fileinto\", \"mailbox\"]; fileinto :create \"New/One\";", "fileinto New/One create")]
    [InlineData("require [\"fileinto\", \"special-use\"]; fileinto :specialuse \"\\\\Junk\" \"Spam\";", "fileinto \\Junk")]
    [InlineData("require [\"fileinto\", \"special-use\"]; fileinto :specialuse \"\\\\Archive\" \"Old\";", "fileinto Old")]
    [InlineData("require [\"fileinto\", \"mailboxid\"]; fileinto :mailboxid \"F3\" \"x\";", "fileinto #3")]
    [InlineData("require [\"fileinto\", \"mailboxid\"]; fileinto :mailboxid \"99\" \"x\";", "fileinto x")]
    [InlineData("require \"reject\"; reject \"No.\";", "reject No.")]
    [InlineData("require \"ereject\"; ereject \"No.\";", "reject No.")]
    [InlineData("require [\"imap4flags\", \"fileinto\"]; setflag \"\\\\Seen\"; addflag [\"$Forwarded x\", \"\\\\SEEN\"]; fileinto \"Work\";", "fileinto Work (\\Seen $Forwarded x)")]
    [InlineData("require \"imap4flags\"; addflag \"a b\"; removeflag \"A\";", "keep (b)")]
    [InlineData("require \"imap4flags\"; keep :flags \"\\\\Flagged \\\\Bogus\";", "keep (\\Flagged)")]
    [InlineData("if false { discard; } elsif true { keep; } else { discard; }", "keep")]
    [InlineData("require \"reject\"; reject \"a\"; keep;", "error: a message cannot be both rejected and stored")]
    [InlineData("redirect \"a@b.example\"; redirect \"c@d.example\";", "redirect a@b.example; redirect c@d.example")]
    [InlineData("redirect \"a@b.example\"; redirect \"a@b.example\";", "redirect a@b.example")]
    public void Actions(string script, string actions) => Assert.Equal(actions, SieveBench.Run(script));

    [Theory]
    [InlineData("header \"subject\" \"[BUILD] frop is GRüN\"")]
    [InlineData("header :contains [\"x\", \"Subject\"] \"frop\"")]
    [InlineData("header :matches \"subject\" \"[?uild]*gr?n\"")]
    [InlineData("header :matches \"subject\" \"*\"")]
    [InlineData("not header :matches \"missing\" \"*\"")]
    [InlineData("header :is \"x-empty\" \"\"")]
    [InlineData("not header :comparator \"i;octet\" :contains \"subject\" \"FROP\"")]
    [InlineData("exists [\"from\", \"date\"]")]
    [InlineData("not exists [\"from\", \"frop\"]")]
    [InlineData("address \"from\" \"ada+work@EXAMPLE.org\"")]
    [InlineData("address :localpart \"from\" \"ada+work\"")]
    [InlineData("address :domain [\"to\", \"cc\"] \"example.test\"")]
    [InlineData("not address :contains \"from\" \"Ada L.\"")]
    [InlineData("size :over 100")]
    [InlineData("not size :over 1K")]
    [InlineData("allof (true, not false, anyof (false, true))")]
    public void Base_tests(string test) => Assert.True(True(test));

    [Theory]
    [InlineData("envelope :is \"from\" \"ada@example.org\"", "\"envelope\"")]
    [InlineData("envelope :detail \"to\" \"list\"", "\"envelope\", \"subaddress\"")]
    [InlineData("address :user \"from\" \"ada\"", "\"subaddress\"")]
    [InlineData("not address :detail \"to\" \"\"", "\"subaddress\"")]
    [InlineData("header :count \"eq\" \"to\" \"1\"", "\"relational\"")]
    [InlineData("address :count \"ge\" \"to\" \"2\"", "\"relational\"")]
    [InlineData("header :value \"lt\" :comparator \"i;ascii-numeric\" \"x-frop\" \"1\"", "\"relational\", \"comparator-i;ascii-numeric\"", false)]
    [InlineData("string :value \"gt\" :comparator \"i;ascii-numeric\" \"100\" \"99\"", "\"relational\", \"comparator-i;ascii-numeric\", \"variables\"")]
    [InlineData("string :is :comparator \"i;ascii-numeric\" \"007x\" \"7\"", "\"comparator-i;ascii-numeric\", \"variables\"")]
    [InlineData("string :value \"gt\" :comparator \"i;ascii-numeric\" \"x\" \"99\"", "\"relational\", \"comparator-i;ascii-numeric\", \"variables\"")]
    [InlineData("header :contains :comparator \"i;unicode-casemap\" \"subject\" \"GRÜN\"", "\"comparator-i;unicode-casemap\"")]
    [InlineData("header :regex \"subject\" \"^\\\\[[[:alpha:]]+\\\\] .*n$\"", "\"regex\"")]
    [InlineData("body :contains \"42 WORDS\"", "\"body\"")]
    [InlineData("body :raw :contains \"Hello there,\"", "\"body\"")]
    [InlineData("body :content \"text\" :contains \"Hello\"", "\"body\"")]
    [InlineData("not body :content \"text/html\" :contains \"Hello\"", "\"body\"")]
    [InlineData("date :zone \"+0000\" \"date\" \"iso8601\" \"2026-09-22T12:09:10+00:00\"", "\"date\"")]
    [InlineData("date :originalzone \"date\" \"zone\" \"-0400\"", "\"date\"")]
    [InlineData("date :originalzone \"date\" \"std11\" \"Tue, 22 Sep 2026 08:09:10 -0400\"", "\"date\"")]
    [InlineData("date :originalzone \"received\" \"time\" \"10:11:12\"", "\"date\"")]
    [InlineData("date :originalzone \"date\" \"weekday\" \"2\"", "\"date\"")]
    [InlineData("date :originalzone \"date\" \"julian\" \"61305\"", "\"date\"")]
    [InlineData("currentdate :value \"ge\" \"date\" \"2026-11-01\"", "\"date\", \"relational\"")]
    [InlineData("mailboxexists [\"INBOX\", \"Work\"]", "\"mailbox\"")]
    [InlineData("not mailboxexists \"Nope\"", "\"mailbox\"")]
    [InlineData("mailboxidexists [\"F3\", \"B2\"]", "\"mailboxid\"")]
    [InlineData("specialuse_exists \"\\\\Junk\"", "\"special-use\"")]
    [InlineData("not specialuse_exists \"Work\" \"\\\\Junk\"", "\"special-use\"")]
    [InlineData("environment \"phase\" \"during\"", "\"environment\"")]
    [InlineData("not environment :matches \"frop\" \"*\"", "\"environment\"")]
    [InlineData("ihave [\"fileinto\", \"variables\"]", "\"ihave\"")]
    [InlineData("not ihave \"frop\"", "\"ihave\"")]
    [InlineData("spamtest :value \"eq\" \"0\"", "\"spamtest\", \"relational\"")]
    [InlineData("virustest \"0\"", "\"virustest\"")]
    [InlineData("not duplicate", "\"duplicate\"")]
    [InlineData("valid_notify_method \"mailto:a@b.example\"", "\"enotify\"")]
    [InlineData("not valid_notify_method [\"mailto:a@b.example\", \"tel:1\"]", "\"enotify\"")]
    [InlineData("notify_method_capability \"mailto:a@b.example\" \"online\" \"maybe\"", "\"enotify\"")]
    [InlineData("header :contains \"subject\" \"${hex:66 72 6f 70}\"", "\"encoded-character\"")]
    [InlineData("header :contains \"subject\" \"gr${unicode:fc}n\"", "\"encoded-character\"")]
    [InlineData("header :index 1 :contains \"received\" \"from a\"", "\"index\"")]
    [InlineData("not header :index 2 :last :matches \"received\" \"*\"", "\"index\"")]
    public void Extension_tests(string test, string require, bool expected = true) => Assert.Equal(expected, True(test, require));

    [Fact]
    public void The_null_reverse_path_is_the_empty_string()
    {
        Assert.True(True("envelope :is \"from\" \"\"", "\"envelope\"", from: null));
        Assert.True(True("envelope :domain :is \"from\" \"\"", "\"envelope\"", from: null));
    }

    [Theory]
    [InlineData("if header :matches \"subject\" \"[*] * is *\" { redirect \"${1}-${2}@b.example\"; }", "redirect build-Frop@b.example")]
    [InlineData("set \"a\" \"x\"; if header :matches \"subject\" \"*\" {} set \"A\" \"${a}y\"; redirect \"${A}@b.example\";", "redirect xy@b.example")]
    [InlineData("set :upper :length \"n\" \"häuser\"; redirect \"a${n}@b.example\";", "redirect a6@b.example")]
    [InlineData("set :lower :upperfirst \"n\" \"jOHN\"; redirect \"${n}@b.example\";", "redirect John@b.example")]
    [InlineData("set :quotewildcard \"n\" \"a*b\"; if string :matches \"a*b\" \"${n}\" { redirect \"yes@b.example\"; }", "redirect yes@b.example")]
    [InlineData("redirect \"a${no.such}b${}${99}@b.example\";", "redirect ab${}@b.example")]
    [InlineData("if header :regex \"subject\" \"([a-z]+)\\\\] (.+) is\" { redirect \"${1}-${2}@b.example\"; }", "redirect build-Frop@b.example")]
    public void Variables(string script, string actions) => Assert.Equal(actions, SieveBench.Run("require [\"variables\", \"regex\"];" + script));

    [Fact]
    public void Ihave_lets_a_script_use_what_is_there_and_leave_what_is_not()
    {
        Assert.Equal("fileinto Work", SieveBench.Run("require \"ihave\"; if ihave \"fileinto\" { fileinto \"Work\"; }"));
        Assert.Equal("keep", SieveBench.Run("require \"ihave\"; if ihave \"vnd.frop\" { frop :frop \"Work\"; }"));
        Assert.StartsWith("error: line 1: unknown command 'frop'", SieveBench.Run("require \"ihave\"; frop;"), StringComparison.Ordinal);
        Assert.Equal("error: bad luck", SieveBench.Run("require \"ihave\"; error \"bad luck\";"));
    }

    [Fact]
    public void Headers_are_edited_but_not_those_that_end_loops()
    {
        var result = SieveBench.Execute("""
            require ["editheader", "fileinto"];
            addheader "X-Top" "first"; addheader :last "X-Bottom" "grün and a rather long line that must be folded somewhere, or else it would grow past its limit";
            deleteheader "Received"; deleteheader :contains "Subject" "frop";
            if header "x-top" "first" { fileinto "Work"; }
            """);
        var stored = SieveBench.Stored(result);
        Assert.StartsWith("X-Top: first\r\nReceived: from a", stored, StringComparison.Ordinal);
        Assert.DoesNotContain("Subject:", stored, StringComparison.Ordinal);
        Assert.Contains("\r\nX-Bottom: =?utf-8?", stored, StringComparison.Ordinal);
        Assert.All(stored.Split("\r\n"), line => Assert.True(line.Length <= 78, line));
        Assert.EndsWith("this is the body with 42 words.\r\n", stored, StringComparison.Ordinal);
    }

    private const string Multipart = """
        From: ada@example.org
        To: you@example.test
        Subject: parts
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary="b"

        prologue
        --b
        Content-Type: text/plain; charset=utf-8

        plain text
        --b
        Content-Type: text/html

        <p>Some <b>bold</b> text</p>
        --b
        Content-Type: application/x-evil; name="a.exe"
        Content-Disposition: attachment; filename="a.exe"
        Content-Transfer-Encoding: base64

        QUJD
        --b--
        epilogue
        """;

    [Fact]
    public void Parts_are_looked_at_and_replaced()
    {
        Assert.True(True("header :mime :anychild :param \"filename\" :matches \"Content-Disposition\" \"*.exe\"", "\"mime\"", Multipart));
        Assert.True(True("header :mime :anychild :contenttype \"content-type\" \"text/html\"", "\"mime\"", Multipart));
        Assert.True(True("body :content \"multipart\" :contains \"epilogue\"", "\"body\"", Multipart));
        Assert.True(True("body :text :contains \"Some bold text\"", "\"body\"", Multipart));
        var stored = SieveBench.Stored(SieveBench.Execute("""
            require ["foreverypart", "mime", "replace"];
            foreverypart { if header :mime :param "filename" :matches ["Content-Type", "Content-Disposition"] "*.exe" { replace "Removed."; } }
            """, Multipart));
        Assert.Contains("plain text", stored, StringComparison.Ordinal);
        Assert.Contains("Removed.", stored, StringComparison.Ordinal);
        Assert.DoesNotContain("QUJD", stored, StringComparison.Ordinal);
        Assert.EndsWith("--b--\r\nepilogue", stored, StringComparison.Ordinal);
        Assert.Equal("redirect plaintext@b.example", SieveBench.Run("""
            require ["foreverypart", "mime", "extracttext", "variables"];
            foreverypart { if header :mime :subtype "content-type" "plain" { extracttext :first 5 "t"; break; } }
            redirect "${t}text@b.example";
            """, Multipart));
    }

    [Fact]
    public void A_message_is_enclosed()
    {
        var stored = SieveBench.Stored(SieveBench.Execute("require \"enclose\"; enclose :subject \"Warning\" :headers \"X-Why: size\" \"Look out.\";"));
        Assert.Contains("Subject: Warning\r\n", stored, StringComparison.Ordinal);
        Assert.Contains("X-Why: size\r\n", stored, StringComparison.Ordinal);
        Assert.Contains("Content-Type: message/rfc822", stored, StringComparison.Ordinal);
        Assert.Contains("Look out.", stored, StringComparison.Ordinal);
    }

    [Fact]
    public void Scripts_include_each_other_and_share_what_is_global()
    {
        (string, string)[] others =
        [
            ("inner", "require [\"include\", \"variables\", \"fileinto\"]; global \"g\"; set \"g\" \"from inner\"; set \"l\" \"x\"; return; discard;"),
            ("loop", "require \"include\"; include \"loop\";"),
        ];
        Assert.Equal("redirect fromxinner@b.example", SieveBench.Run("""
            require ["include", "variables"]; global "g"; include "inner"; include :once "inner"; include :optional "nope";
            if string :matches "${g}" "* *" { redirect "${1}x${2}${l}@b.example"; }
            """, others: others));
        Assert.Equal("error: include: scripts can stand 3 deep", SieveBench.Run("require \"include\"; include \"loop\";", others: others));
        Assert.Equal("error: include: there is no script \"nope\"", SieveBench.Run("require \"include\"; include \"nope\";", others: others));
    }

    private const string Away = "require \"vacation\"; vacation \"I am away.\";";

    [Fact]
    public void A_response_goes_to_a_person_who_wrote_to_the_owner_by_name() => Assert.Equal("vacation 7d I am away.; keep", SieveBench.Run(Away));

    [Theory]
    [InlineData("List-Id: <x.example>")]
    [InlineData("Auto-Submitted: auto-replied")]
    [InlineData("Precedence: bulk")]
    public void No_response_to_lists_and_machines(string header) => Assert.Equal("keep", SieveBench.Run(Away, header + "\r\n" + SieveBench.Plain));

    [Theory]
    [InlineData(null)]
    [InlineData("you@example.test")]
    [InlineData("owner-x@example.org")]
    [InlineData("x-request@example.org")]
    [InlineData("MAILER-DAEMON@example.org")]
    public void No_response_to_such_senders(string? from) => Assert.Equal("keep", SieveBench.Run(Away, from: from));

    [Fact]
    public void No_response_where_the_owner_is_not_named() =>
        Assert.Equal("keep", SieveBench.Run(Away, SieveBench.Plain.Replace("you@example.test", "other@example.test", StringComparison.Ordinal)));

    [Theory]
    [InlineData(":days 0", "vacation 1d x; keep")]
    [InlineData(":days 3 :addresses \"a@b.example\"", "vacation 3d x; keep")]
    [InlineData(":days 9999", "vacation 30d x; keep")]
    [InlineData(":seconds 0", "vacation 0d x; keep")]
    public void Days_have_bounds(string tags, string told) => Assert.Equal(told, SieveBench.Run($"require [\"vacation\", \"vacation-seconds\"]; vacation {tags} \"x\";"));

    [Fact]
    public void A_notification_is_prepared_once_and_never_about_another()
    {
        const string script = "require \"enotify\"; notify :message \"New: mail\" \"mailto:a@b.example?body=hi&bcc=x@y.example\";";
        Assert.Equal("notify a@b.example New: mail; keep", SieveBench.Run(script));
        Assert.Equal("keep", SieveBench.Run(script, "Auto-Submitted: auto-notified; owner-email=\"x\"\r\n" + SieveBench.Plain));
    }

    [Fact]
    public void Steps_variables_and_compared_text_have_limits()
    {
        var watch = Stopwatch.StartNew();
        var many = string.Concat(Enumerable.Repeat("if header \"a\" \"b\" {}\n", 4000));
        Assert.Equal("error: the script takes more than 5000 steps", SieveBench.Run(many));
        var variables = "require \"variables\";" + string.Concat(Enumerable.Range(0, 129).Select(n => $"set \"v{n}\" \"x\";"));
        Assert.Equal("error: a script can have 128 variables", SieveBench.Run(variables));
        var doubling = "require \"variables\"; set \"a\" \"0123456789\";" + string.Concat(Enumerable.Repeat("set \"a\" \"${a}${a}${a}${a}\";", 100))
            + "set :length \"n\" \"${a}\"; redirect \"n${n}@b.example\";";
        Assert.Equal("redirect n4096@b.example", SieveBench.Run(doubling));

        // Patterns that make a backtracking matcher hang.
        var long1 = SieveBench.Plain.Replace("Frop", new string('a', 20_000), StringComparison.Ordinal);
        Assert.Equal("keep", SieveBench.Run("require \"regex\"; if header :regex \"subject\" \"(a+)+$x\" { discard; }", long1));
        Assert.Equal("keep", SieveBench.Run("if header :matches \"subject\" \"*a*a*a*a*a*a*a*a*a*a*a*a*a*a*x\" { discard; }", long1));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), watch.Elapsed.ToString());
    }
}
