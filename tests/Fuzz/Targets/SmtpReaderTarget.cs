using SaaS.MailHost.Smtp.Wire;

namespace SaaS.Fuzz.Targets;

internal sealed class SmtpReaderTarget : Target
{
    public override string Name => "smtp-reader";

    public override IReadOnlyList<byte[]> Words => Corpus.WordsOf(Seeds());

    public override IEnumerable<byte[]> Seeds() => Corpus.Transcripts("Smtp/Transcripts");

    public override Task RunAsync(byte[] input)
    {
        for (var at = 0; at < input.Length;)
        {
            var feed = input.AsSpan(at).IndexOf((byte)'\n');
            var line = feed < 0 ? input.AsSpan(at) : input.AsSpan(at, feed);
            at += line.Length + 1;
            try
            {
                var r = new SmtpReader(line.TrimEnd((byte)'\r'));
                if (r.ReadVerb() is "MAIL" or "RCPT")
                {
                    r.ExpectKeyword(line.Length > 4 && line[0] is (byte)'M' or (byte)'m' ? "FROM:"u8 : "TO:"u8);
                    var path = r.ReadPath();
                    Promise.That(!path.AsSpan().ContainsAny('\r', '\n', '\0'), "a line end in a path");
                    foreach (var parameter in r.ReadParameters())
                    {
                        _ = XText.TryDecode(parameter.Value ?? "", out _);
                    }
                }
                else
                {
                    _ = r.ReadWord();
                    r.ExpectEnd();
                }
            }
            catch (SmtpSyntaxException)
            {
                // Said no in its own way.
            }
        }

        return Task.CompletedTask;
    }
}
