using SaaS.MailHost.Smtp.Wire;

namespace SaaS.MailHost.Smtp.Commands;

/// <summary>DATA: the message up to CRLF "." CRLF. 250 only when it is committed.</summary>
/// <remarks>RFC 5321 §4.1.1.4. A client that sends the message without waiting for 354 is tolerated: only CRLF "." CRLF ends it anyway.</remarks>
internal sealed class DataCommand(MessageIntake intake) : SmtpCommand<NoopCommand.Args>
{
    private static readonly SmtpReply BinaryNeedsChunks = new(503, "5.5.1", "BINARYMIME needs BDAT.");

    public override string Verb => "DATA";

    protected override NoopCommand.Args Parse(ref SmtpReader reader)
    {
        reader.ExpectEnd();
        return new NoopCommand.Args();
    }

    protected override async ValueTask<SmtpReply> RunAsync(SmtpSession session, NoopCommand.Args arguments, CancellationToken ct)
    {
        var transaction = session.Transaction!;
        if (transaction.Body == BodyKind.Binary)
        {
            return BinaryNeedsChunks;    // RFC 3030 §3
        }

        session.Write(SmtpReplies.GiveData);
        try
        {
            return await intake.ReceiveAsync(session, transaction, ct) ?? await intake.CommitAsync(session, transaction, ct);
        }
        finally
        {
            session.EndTransaction();
        }
    }
}
