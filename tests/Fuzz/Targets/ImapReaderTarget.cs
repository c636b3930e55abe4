using System.IO.Pipelines;
using System.Text;
using SaaS.MailHost.Imap.Commands;
using SaaS.MailHost.Imap.Commands.Fetch;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.Fuzz.Targets;

/// <summary>IMAP commands as they are collected, in whatever pieces they come, and the grammar that stands alone.</summary>
internal sealed class ImapReaderTarget : Target
{
    private delegate void Production(ref ImapReader r);

    private static readonly Production[] Productions =
    [
        (ref r) => SequenceSet.Parse(ref r).Resolve(1000),
        (ref r) => FetchCommand.ParseItems(ref r),
        (ref r) => StatusCommand.ParseItems(ref r),
        (ref r) => GetMetadataCommand.ParseEntries(ref r),
        (ref r) => SaaS.MailHost.Imap.ImapFlags.ParseList(ref r),
        (ref r) => r.AString(),
        (ref r) => r.NString(),
        (ref r) => r.StringOctets(),
        (ref r) => r.ListMailbox(),
        (ref r) => r.Date(),
        (ref r) => r.DateTime(),
        (ref r) => r.Number64(),
        (ref r) => r.LiteralHeader(),
    ];

    public override string Name => "imap-reader";

    public override IReadOnlyList<byte[]> Words => Corpus.WordsOf(Seeds());

    public override IEnumerable<byte[]> Seeds() => Corpus.Transcripts("Transcripts/Imap");

    public override async Task RunAsync(byte[] input)
    {
        Promise.That((await CommandsAsync(input, int.MaxValue)).SequenceEqual(await CommandsAsync(input, 7)), "the commands depend on how they are cut");
        var name = ModifiedUtf7.Decode(Encoding.Latin1.GetString(input));
        Promise.That(name is null || ModifiedUtf7.Decode(ModifiedUtf7.Encode(name)) == name, "a mailbox name does not come back");
        foreach (var production in Productions)
        {
            for (var at = 0; at < Math.Min(input.Length, 200); at = input.AsSpan(at).IndexOf((byte)' ') is >= 0 and var space ? at + space + 1 : input.Length)
            {
                try
                {
                    var r = new ImapReader(input.AsSpan(at));
                    production(ref r);
                }
                catch (ImapSyntaxException)
                {
                    // Said no in its own way.
                }
            }
        }
    }

    private static async Task<List<string>> CommandsAsync(byte[] input, int piece)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var reader = new ImapCommandReader(pipe.Reader) { MaxLine = 8192, MaxCommand = 65536 };
        var found = new List<string>();
        var at = 0;
        while (found.Count < 1000)
        {
            var reading = reader.ReadAsync(CancellationToken.None).AsTask();
            while (!reading.IsCompleted)
            {
                var size = Math.Min(piece, input.Length - at);
                if (size == 0)
                {
                    await pipe.Writer.CompleteAsync();
                    await reading;
                    break;
                }

                await pipe.Writer.WriteAsync(input.AsMemory(at, size));
                at += size;
                await Task.Yield();
            }

            var status = await reading;
            if (status == ReadStatus.Literal && reader.FitsCommand(reader.LiteralSize))
            {
                reader.CollectLiteral();
                continue;
            }

            found.Add(status == ReadStatus.Command ? Encoding.Latin1.GetString(reader.Text) : status.ToString());
            if (status is not (ReadStatus.Command or ReadStatus.BareLineFeed))
            {
                reader.Release();
                return found;
            }

            reader.Release();
        }

        return found;
    }
}
