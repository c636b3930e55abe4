using SaaS.MailHost.ManageSieve.Wire;

namespace SaaS.Fuzz.Targets;

internal sealed class ManageSieveReaderTarget : Target
{
    public override string Name => "sieve-reader";

    public override IReadOnlyList<byte[]> Words => Corpus.WordsOf(Seeds());

    public override IEnumerable<byte[]> Seeds() => Corpus.Transcripts("Transcripts/ManageSieve");

    public override Task RunAsync(byte[] input)
    {
        try
        {
            _ = ManageSieveCommand.Parse(input);
            _ = input.Length > 0 ? ManageSieveCommand.LiteralAtEnd(input) : 0;
        }
        catch (ManageSieveSyntaxException)
        {
            // Said no in its own way.
        }

        return Task.CompletedTask;
    }
}
