using System.Globalization;
using SaaS.MailHost.Smtp.Wire;

namespace SaaS.MailHost.Smtp.Commands;

/// <summary>BDAT: a chunk of the message, counted in octets; LAST commits. The octets are always taken off the wire, refused or not.</summary>
/// <remarks>RFC 3030 §2, §4.2.</remarks>
internal sealed class BdatCommand(MessageIntake intake) : SmtpCommand<BdatCommand.Args>
{
    internal sealed record Args(long Size, bool Last);

    public override string Verb => "BDAT";

    public override bool IsOffered(SmtpSession session) => session.Extended;

    // bdat-cmd = "BDAT" SP chunk-size [ SP end-marker ] CRLF   end-marker = "LAST"
    protected override Args Parse(ref SmtpReader reader)
    {
        var size = reader.ReadWord();
        var last = reader.ReadWord();
        reader.ExpectEnd();
        if (!long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var octets)
            || !(last.Length == 0 || last.Equals("LAST", StringComparison.OrdinalIgnoreCase)))
        {
            // How many octets follow is unknown: nothing behind this can be trusted to be a command.
            throw new SmtpSyntaxException(521, "5.5.4", "Syntax: BDAT size [LAST]");
        }

        return new Args(octets, last.Length > 0);
    }

    protected override async ValueTask<SmtpReply> RunAsync(SmtpSession session, Args arguments, CancellationToken ct)
    {
        var transaction = session.Transaction!;
        var done = false;
        try
        {
            var refused = await intake.ReceiveChunkAsync(session, transaction, arguments.Size, ct);
            if (refused is null && !arguments.Last)
            {
                done = true;
                return new SmtpReply(250, "2.0.0", string.Create(CultureInfo.InvariantCulture, $"{arguments.Size} octets received"));
            }

            return refused ?? intake.EndChunks(session, transaction) ?? await intake.CommitAsync(session, transaction, ct);
        }
        finally
        {
            if (!done)
            {
                session.EndTransaction();
            }
        }
    }

    protected override ValueTask SkipAsync(SmtpSession session, Args arguments, CancellationToken ct) =>
        intake.SkipChunkAsync(session, arguments.Size, ct);
}
