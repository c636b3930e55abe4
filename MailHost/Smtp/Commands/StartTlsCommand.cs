using SaaS.MailHost.Smtp.Wire;

namespace SaaS.MailHost.Smtp.Commands;

/// <summary>STARTTLS. What was sent ahead behind it ends the session, and nothing said before is remembered after.</summary>
/// <remarks>RFC 3207 §4, §4.2. Command injection: nostarttls.secvuln.info.</remarks>
internal sealed class StartTlsCommand : SmtpCommand<NoopCommand.Args>
{
    public override string Verb => "STARTTLS";

    public override bool IsOffered(SmtpSession session) => session.Extended && !session.Connection.IsTls;

    protected override NoopCommand.Args Parse(ref SmtpReader reader)
    {
        reader.ExpectEnd();
        return new NoopCommand.Args();
    }

    protected override async ValueTask<SmtpReply> RunAsync(SmtpSession session, NoopCommand.Args arguments, CancellationToken ct)
    {
        if (session.Connection.HasBufferedInput())
        {
            return SmtpReplies.Pipelined;
        }

        session.Write(SmtpReplies.GoAheadTls);
        await session.FlushAsync(ct);
        await session.Connection.UpgradeToTlsAsync(ct);
        session.Forget();
        return SmtpSession.AlreadyAnswered;
    }
}
