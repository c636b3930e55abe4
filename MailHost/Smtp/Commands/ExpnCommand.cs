using SaaS.MailHost.Smtp.Wire;

namespace SaaS.MailHost.Smtp.Commands;

/// <summary>EXPN: refused; who is in a group is nobody's business.</summary>
/// <remarks>RFC 5321 §3.5.2, §7.3.</remarks>
internal sealed class ExpnCommand : SmtpCommand<NoopCommand.Args>
{
    private static readonly SmtpReply No = new(550, "5.7.2", "Lists are not expanded here.");

    public override string Verb => "EXPN";

    protected override NoopCommand.Args Parse(ref SmtpReader reader) => new();

    protected override ValueTask<SmtpReply> RunAsync(SmtpSession session, NoopCommand.Args arguments, CancellationToken ct) => new(No);
}
