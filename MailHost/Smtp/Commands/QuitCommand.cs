using SaaS.MailHost.Smtp.Wire;

namespace SaaS.MailHost.Smtp.Commands;

/// <summary>QUIT.</summary>
/// <remarks>RFC 5321 §4.1.1.10.</remarks>
internal sealed class QuitCommand : SmtpCommand<NoopCommand.Args>
{
    private static readonly SmtpReply Bye = new(221, "2.0.0", "Bye") { Closes = true };

    public override string Verb => "QUIT";

    protected override NoopCommand.Args Parse(ref SmtpReader reader)
    {
        reader.ExpectEnd();
        return new NoopCommand.Args();
    }

    protected override ValueTask<SmtpReply> RunAsync(SmtpSession session, NoopCommand.Args arguments, CancellationToken ct) => new(Bye);
}
