using SaaS.MailHost.Smtp.Wire;

namespace SaaS.MailHost.Smtp.Commands;

/// <summary>NOOP: does nothing; an argument is ignored.</summary>
/// <remarks>RFC 5321 §4.1.1.9.</remarks>
internal sealed class NoopCommand : SmtpCommand<NoopCommand.Args>
{
    internal sealed record Args;

    public override string Verb => "NOOP";

    // noop = "NOOP" [ SP String ] CRLF
    protected override Args Parse(ref SmtpReader reader) => new();

    protected override ValueTask<SmtpReply> RunAsync(SmtpSession session, Args arguments, CancellationToken ct) => new(SmtpReplies.Ok);
}
