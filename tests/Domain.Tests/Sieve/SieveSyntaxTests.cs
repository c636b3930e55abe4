using System.Diagnostics;
using System.Text;
using SaaS.Domain.Sieve;
using Xunit;

namespace SaaS.Domain.Tests.Sieve;

public sealed class SieveSyntaxTests
{
    [Theory]
    [InlineData("keep", "line 1: expected ';' or '{' behind 'keep', found the end of the script")]
    [InlineData("keep;\nfrop;", "line 2: unknown command 'frop'")]
    [InlineData("if true { keep; ", "line 1: expected a command or '}', found the end of the script")]
    [InlineData("if true { keep; }}", "line 1: expected a command, found '}'")]
    [InlineData("keep \"a\";", "line 1: keep: has more arguments than it takes")]
    [InlineData("fileinto \"a\";", "line 1: 'fileinto' needs require \"fileinto\"")]
    [InlineData("require \"frop\";", "line 1: require: unknown extension \"frop\"")]
    [InlineData("keep; require \"fileinto\";", "line 1: require must stand at the start of the script")]
    [InlineData("elsif true {}", "line 1: elsif must follow if or elsif")]
    [InlineData("if true {} else {} else {}", "line 1: else must follow if or elsif")]
    [InlineData("if {}", "line 1: if takes one test")]
    [InlineData("true;", "line 1: 'true' is a test, not a command")]
    [InlineData("if keep {}", "line 1: 'keep' is a command, not a test")]
    [InlineData("if header :is :contains \"a\" \"b\" {}", "line 1: header: ':is' and ':contains' exclude each other")]
    [InlineData("if header \"a\" :is \"b\" {}", "line 1: header: ':is' must stand before the other arguments")]
    [InlineData("if header :frop \"a\" \"b\" {}", "line 1: header: does not know ':frop'")]
    [InlineData("if header :count \"eq\" \"a\" \"b\" {}", "line 1: header: ':count' needs require \"relational\"")]
    [InlineData("if header :comparator \"i;frop\" \"a\" \"b\" {}", "line 1: header: unknown comparator \"i;frop\"")]
    [InlineData("if header \"a\" {}", "line 1: header: the list of keys is missing")]
    [InlineData("if header \"a:\" \"b\" {}", "line 1: header: \"a:\" is not the name of a header field")]
    [InlineData("if address \"subject\" \"b\" {}", "line 1: address: the field \"subject\" holds no addresses")]
    [InlineData("if size 100 {}", "line 1: size: has more arguments than it takes")]
    [InlineData("if size :over 1 :under 2 {}", "line 1: size: ':over' and ':under' exclude each other")]
    [InlineData("if not true, false {}", "line 1: expected ';' or '{' behind 'if', found ','")]
    [InlineData("redirect \"not an address\";", "line 1: redirect: \"not an address\" is not an address")]
    [InlineData("keep 99999999999999999999;", "line 1: the number is too large")]
    [InlineData("keep 9T;", "line 1: a number may end in K, M or G, not in 'T'")]
    [InlineData("keep \"abc", "line 1: a string that starts here has no end")]
    [InlineData("\n/* abc", "line 2: a comment that starts here has no end")]
    [InlineData("require \"reject\";\nreject text:\nabc\n..\n", "line 2: a text that starts here has no end (a line with a single dot)")]
    [InlineData("keep [];", "line 1: expected a string, found ']'")]
    [InlineData("require \"fileinto\"; fileinto [\"a\", \"b\"];", "line 1: fileinto: the mailbox must be a string")]
    [InlineData("require \"fileinto\"; fileinto \"\";", "line 1: fileinto: not a mailbox name: A mailbox name has 1 to 255 characters.")]
    [InlineData("require \"regex\"; if header :regex \"a\" \"(\" {}", "line 1: header: the regular expression is wrong at character 2: InsufficientClosingParentheses")]
    [InlineData("require \"regex\"; if header :regex \"a\" \"(a)\\\\1\" {}", "line 1: header: the regular expression is too large, or uses back references or look-around, which are not known here")]
    [InlineData("require \"regex\"; if header :regex \"a\" \"((a{200}){200}){200}\" {}", "line 1: header: the regular expression repeats too often")]
    [InlineData("require \"date\"; if currentdate \"frop\" \"b\" {}", "line 1: currentdate: unknown date part \"frop\"")]
    [InlineData("require \"variables\"; set \"1a\" \"b\";", "line 1: set: \"1a\" is not the name of a variable")]
    [InlineData("require \"vacation\"; vacation :days 1 :seconds 2 \"x\";", "line 1: vacation: ':seconds' needs require \"vacation-seconds\"")]
    [InlineData("require [\"foreverypart\"]; break;", "line 1: break: stands in no loop")]
    [InlineData("require [\"include\", \"variables\"]; include \"${a}\";", "line 1: include: the name of a script is a plain string, without variables")]
    public void What_is_wrong_is_said_with_its_line(string script, string problem) => Assert.Equal(problem, SieveBench.Problem(script));

    [Theory]
    [InlineData("keep;")]
    [InlineData("KEEP ; # comment\r\n/* and\n another */ Stop;")]
    [InlineData("if TRUE {} ElsIf not false {} else {}")]
    [InlineData("if anyof (true, allof(false, not true)) { if size :over 100K {} }")]
    [InlineData("require [\"reject\"];\r\nreject text: # why\r\nA line\r\n..dot\r\n.\r\n;")]
    [InlineData("\ufeffkeep;")]
    public void What_is_right_is_taken(string script) => Assert.Null(SieveScript.Compile(script, new SieveLimits()).Problem);

    [Fact]
    public void Depth_and_size_have_limits()
    {
        Assert.Contains("blocks can stand 15 deep", SieveBench.Problem(string.Concat(Enumerable.Repeat("if true {", 10_000))));
        Assert.Contains("tests can stand 15 deep", SieveBench.Problem("if " + string.Concat(Enumerable.Repeat("not ", 10_000)) + "true {}"));
        Assert.Contains("a script has at most", SieveBench.Problem(new string('#', 200_000)));
        Assert.Null(SieveScript.Compile(string.Concat(Enumerable.Repeat("if true {", 15)) + new string('}', 15), new SieveLimits()).Problem);
    }

    /// <summary>Whatever a stranger writes, compiling ends soon and with a sentence.</summary>
    [Fact]
    public void Garbage_never_throws()
    {
        var random = new Random(5228);
        string[] words =
        [
            "if", "elsif", "else", "require", "keep", "fileinto", "header", "address", "not", "anyof", "(", ")", "{", "}", "[", "]", ";", ",", ":is", ":matches",
            ":comparator", ":regex", ":copy", "\"fileinto\"", "\"variables\"", "\"", "text:\n", "\n.\n", "\\", "${hex:", "}", "1", "99G", "#", "/*", "*/", "é", "\0",
            "[\"variables\",\"regex\",\"ihave\"]", "set", "vacation", "${a}", "ihave", "foreverypart", "include", "\r",
        ];
        var watch = Stopwatch.StartNew();
        for (var n = 0; n < 20_000; n++)
        {
            var text = new StringBuilder();
            for (var i = random.Next(40); i >= 0; i--)
            {
                text.Append(words[random.Next(words.Length)]).Append(random.Next(3) == 0 ? "" : " ");
            }

            var (script, problem) = SieveScript.Compile(text.ToString(), new SieveLimits());
            Assert.True(script is null != problem is null);
        }

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), watch.Elapsed.ToString());
    }

    /// <summary>A valid script with any octet changed compiles or says why; and runs or says why.</summary>
    [Fact]
    public void Mutations_never_throw()
    {
        const string script = """
            require ["fileinto", "variables", "regex", "imap4flags", "vacation", "body", "date", "editheader", "mime", "foreverypart", "include", "ihave"];
            if allof (header :matches "subject" "*frop*", not address :localpart :is ["from", "to"] "x") {
              set :lower "a" "${1} ${2}"; addflag ["\\Seen", "x"]; fileinto :flags "a" "INBOX/${a}"; addheader "X-A" "${a}"; deleteheader :matches "X-*" "*";
            } elsif body :regex "(a+)+b" { vacation :days 3 :handle "x" text:
            Gone
            .
            ;
            } else { foreverypart { if header :mime :type "content-type" "text" { break; } } if date :zone "+0100" "date" "hour" "10" { discard; stop; } }
            """;
        var random = new Random(5229);
        for (var n = 0; n < 3_000; n++)
        {
            var text = new StringBuilder(script);
            for (var i = random.Next(3); i >= 0; i--)
            {
                var at = random.Next(text.Length);
                switch (random.Next(3))
                {
                    case 0:
                        text[at] = (char)random.Next(1, 300);
                        break;
                    case 1:
                        text.Remove(at, Math.Min(random.Next(1, 20), text.Length - at));
                        break;
                    default:
                        text.Insert(at, script[random.Next(script.Length)]);
                        break;
                }
            }

            if (SieveScript.Compile(text.ToString(), new SieveLimits()).Script is not null)
            {
                SieveBench.Run(text.ToString());
            }
        }
    }
}
