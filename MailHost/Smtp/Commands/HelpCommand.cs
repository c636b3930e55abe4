using SaaS.MailHost.Smtp.Wire;

namespace SaaS.MailHost.Smtp.Commands;

/// <summary>HELP: where to read on.</summary>
/// <remarks>RFC 5321 §4.1.1.8.</remarks>
internal sealed class HelpCommand : SmtpCommand<NoopCommand.Args>
{
    private static readonly SmtpReply Text = new(214, "2.0.0", "See RFC 5321.");

    public override string Verb => "HELP";

    protected override NoopCommand.Args Parse(ref SmtpReader reader) => new();

    protected override ValueTask<SmtpReply> RunAsync(SmtpSession session, NoopCommand.Args arguments, CancellationToken ct) => new(Text);
}
