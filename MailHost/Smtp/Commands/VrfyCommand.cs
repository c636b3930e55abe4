using SaaS.MailHost.Smtp.Wire;

namespace SaaS.MailHost.Smtp.Commands;

/// <summary>VRFY: never tells whether an address exists.</summary>
/// <remarks>RFC 5321 §3.5.3, §7.3.</remarks>
internal sealed class VrfyCommand : SmtpCommand<VrfyCommand.Args>
{
    internal sealed record Args(string Who);

    private static readonly SmtpReply TryIt = new(252, "2.1.5", "Cannot verify, but will take the message and try to deliver it.");

    public override string Verb => "VRFY";

    // vrfy = "VRFY" SP String CRLF
    protected override Args Parse(ref SmtpReader reader) =>
        reader.AtEnd ? throw SmtpSyntaxException.Arguments("Whom?") : new Args(reader.ReadWord());

    protected override ValueTask<SmtpReply> RunAsync(SmtpSession session, Args arguments, CancellationToken ct) => new(TryIt);
}
