using SaaS.MailHost.Smtp.Wire;

namespace SaaS.MailHost.Smtp.Commands;

/// <summary>RSET: forgets the transaction.</summary>
/// <remarks>RFC 5321 §4.1.1.5.</remarks>
internal sealed class RsetCommand : SmtpCommand<NoopCommand.Args>
{
    public override string Verb => "RSET";

    protected override NoopCommand.Args Parse(ref SmtpReader reader)
    {
        reader.ExpectEnd();
        return new NoopCommand.Args();
    }

    protected override ValueTask<SmtpReply> RunAsync(SmtpSession session, NoopCommand.Args arguments, CancellationToken ct)
    {
        session.EndTransaction();
        return new(SmtpReplies.Reset);
    }
}
