using System.IO.Pipelines;
using System.Text;
using SaaS.MailHost.Imap;
using SaaS.MailHost.Imap.Commands;
using SaaS.MailHost.Imap.Commands.Fetch;
using SaaS.MailHost.Imap.Wire;
using Xunit;

namespace SaaS.MailHost.Tests.Imap;

public sealed class ImapWireTests
{
    [Theory]
    [InlineData("abc", "abc")]
    [InlineData("\"a b\"", "a b")]
    [InlineData("\"a\\\"b\\\\\"", "a\"b\\")]
    [InlineData("{3}\r\na\"b", "a\"b")]
    [InlineData("{3+}\r\nabc", "abc")]
    [InlineData("~{3}\r\nabc", "abc")]
    [InlineData("~abc", "~abc")]
    [InlineData("\"\"", "")]
    public void AString_takes_every_form(string text, string expected)
    {
        var r = new ImapReader(Encoding.Latin1.GetBytes(text));
        Assert.Equal(expected, r.AString());
        Assert.True(r.AtEnd);
    }

    [Theory]
    [InlineData("\"open")]
    [InlineData("\"a\\x\"")]
    [InlineData("\"a\r\nb\"")]
    [InlineData("{5}\r\nabc")]
    [InlineData("(")]
    [InlineData("")]
    [InlineData("\"\0\"")]
    public void AString_refuses_nonsense(string text) => Assert.Throws<ImapSyntaxException>(() =>
    {
        var r = new ImapReader(Encoding.Latin1.GetBytes(text));
        r.AString();
    });

    [Theory]
    [InlineData("1", 10u, "1")]
    [InlineData("2:4,7:*", 10u, "2:4,7:10")]
    [InlineData("*:3", 5u, "3:5")]
    [InlineData("4:2,1,3", 9u, "1:4")]
    [InlineData("*", 9u, "9")]
    [InlineData("559:*", 30u, "30:559")]
    public void Sequence_sets_resolve(string text, uint highest, string expected)
    {
        var r = new ImapReader(Encoding.ASCII.GetBytes(text));
        Assert.Equal(expected, NumberRange.Format(SequenceSet.Parse(ref r).Resolve(highest)));
    }

    [Theory]
    [InlineData("Entwürfe", "Entw&APw-rfe")]
    [InlineData("台北/日本語", "&U,BTFw-/&ZeVnLIqe-")]
    [InlineData("A&B", "A&-B")]
    [InlineData("plain", "plain")]
    [InlineData("☺!", "&Jjo-!")]
    public void Modified_utf7_round_trips(string name, string encoded)
    {
        Assert.Equal(encoded, ModifiedUtf7.Encode(name));
        Assert.Equal(name, ModifiedUtf7.Decode(encoded));
    }

    [Theory]
    [InlineData("&Jjo!")]
    [InlineData("&AGE-")]
    [InlineData("&")]
    [InlineData("ü")]
    [InlineData("&Jjo-&Jjo-")]
    public void Modified_utf7_has_one_form_only(string encoded) => Assert.Null(ModifiedUtf7.Decode(encoded));

    [Theory]
    [InlineData("*", "a/b/c", true)]
    [InlineData("%", "a/b", false)]
    [InlineData("%", "a", true)]
    [InlineData("a/%", "a/b", true)]
    [InlineData("a/%", "a/b/c", false)]
    [InlineData("*c", "a/b/c", true)]
    [InlineData("%/%", "a/b", true)]
    [InlineData("a*/%d", "abc/x/yd", true)]
    [InlineData("*%", "a/b", true)]
    [InlineData("", "", true)]
    [InlineData("a", "ab", false)]
    [InlineData("%b*d", "ab/cd", true)]
    [InlineData("%*%*%*%*%*%*%*%*%*x", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false)]
    public void Patterns_match(string pattern, string name, bool expected) => Assert.Equal(expected, ListResponse.Matches(pattern, name));

    [Theory]
    [InlineData("BODY[]", "BODY[]")]
    [InlineData("body.peek[header.fields (from \"x-y\")]", "BODY[HEADER.FIELDS (FROM X-Y)]")]
    [InlineData("BODY[1.2.MIME]<5.10>", "BODY[1.2.MIME]<5>")]
    [InlineData("BINARY.SIZE[2]", "BINARY.SIZE[2]")]
    [InlineData("RFC822.SIZE", "RFC822.SIZE")]
    [InlineData("BODY", "BODY")]
    [InlineData("BODY[3.HEADER.FIELDS.NOT (DATE)]", "BODY[3.HEADER.FIELDS.NOT (DATE)]")]
    public void Data_items_are_labelled(string text, string label)
    {
        var r = new ImapReader(Encoding.ASCII.GetBytes(text));
        Assert.Equal(label, FetchItem.Parse(ref r).Label);
        Assert.True(r.AtEnd);
    }

    [Fact]
    public async Task Commands_are_the_same_however_they_are_cut()
    {
        var input = "a1 LOGIN {5+}\r\njoe x \"p w\"\r\na2 NOOP\r\na3 LOGIN {3+}\r\n\r\nx {0+}\r\n\r\n"u8.ToArray();
        var whole = await ReadAllAsync(input, input.Length);
        Assert.Equal(3, whole.Count);
        for (var size = 1; size < input.Length; size++)
        {
            Assert.Equal(whole, await ReadAllAsync(input, size));
        }
    }

    [Fact]
    public async Task Long_lines_are_cut_off_before_they_are_held()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var reader = new ImapCommandReader(pipe.Reader) { MaxLine = 100, MaxCommand = 200 };
        await pipe.Writer.WriteAsync(new byte[101], TestContext.Current.CancellationToken);
        Assert.Equal(ReadStatus.TooLong, await reader.ReadAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Bare_line_feeds_are_told_apart()
    {
        var pipe = new Pipe();
        var reader = new ImapCommandReader(pipe.Reader);
        await pipe.Writer.WriteAsync("a NOOP\nb NOOP\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal(ReadStatus.BareLineFeed, await reader.ReadAsync(CancellationToken.None));
        reader.Release();
        Assert.Equal(ReadStatus.Command, await reader.ReadAsync(CancellationToken.None));
    }

    [Fact]
    public void Views_follow_removals_and_arrivals()
    {
        var view = new MailboxView(5, 6);
        Assert.Equal([2, 3], view.Remove([2, 4]));
        Assert.Equal((3, 1, 2, 3), (view.Count, view.SeqOf(1), view.SeqOf(3), view.SeqOf(5)));
        Assert.Equal(0, view.SeqOf(2));
        view.Add(9);
        Assert.Equal((4, 9u, 10u), (view.SeqOf(9), view.UidOf(4), view.UidNext));
        Assert.Equal([3u, 5u, 9u], view.UidsWithin([new NumberRange(2, 20)]));
    }

    [Fact]
    public void Views_reveal_what_was_hidden()
    {
        var view = new MailboxView(4, 100);
        Assert.Equal((4, 100u), (view.Hidden, view.KnownFrom));
        view.Reveal([50, 99]);
        Assert.Equal((2, 3, 4), (view.Hidden, view.SeqOf(50), view.SeqOf(99)));
        view.Add(100);
        view.Reveal([7, 49]);
        Assert.Equal((0, 1, 2, 5), (view.Hidden, view.SeqOf(7), view.SeqOf(49), view.SeqOf(100)));
    }

    private static async Task<List<string>> ReadAllAsync(byte[] input, int size)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
        var reader = new ImapCommandReader(pipe.Reader);
        var commands = new List<string>();
        var sent = 0;
        while (true)
        {
            var read = reader.ReadAsync(CancellationToken.None);
            while (!read.IsCompleted && sent <= input.Length)
            {
                if (sent == input.Length)
                {
                    await pipe.Writer.CompleteAsync();
                    sent++;
                    break;
                }

                var n = Math.Min(size, input.Length - sent);
                await pipe.Writer.WriteAsync(input.AsMemory(sent, n));
                sent += n;
            }

            switch (await read)
            {
                case ReadStatus.Command:
                    commands.Add(Encoding.Latin1.GetString(reader.Text));
                    reader.Release();
                    break;
                case ReadStatus.Literal:
                    reader.CollectLiteral();
                    break;
                case ReadStatus.Closed:
                    return commands;
                default:
                    throw new InvalidOperationException();
            }
        }
    }
}
