using SaaS.MailHost.Smtp.Extensions;
using SaaS.MailHost.Smtp.Wire;

namespace SaaS.MailHost.Smtp.Commands;

/// <summary>EHLO: says which extensions there are. Ends a transaction, as RSET does.</summary>
/// <remarks>RFC 5321 §4.1.1.1, §4.1.4.</remarks>
internal class EhloCommand(ExtensionTable extensions) : SmtpCommand<HeloCommand.Args>
{
    public override string Verb => "EHLO";

    public override bool IsOffered(SmtpSession session) => !session.Profile.Lmtp;

    protected sealed override HeloCommand.Args Parse(ref SmtpReader reader) => new(HeloCommand.ReadName(ref reader));

    protected sealed override ValueTask<SmtpReply> RunAsync(SmtpSession session, HeloCommand.Args arguments, CancellationToken ct)
    {
        session.Greet(arguments.Name, extended: true);
        return new(new SmtpReply(250, null, [session.HostName, .. extensions.Keywords(session)]));
    }
}

/// <summary>LHLO: the EHLO of LMTP.</summary>
/// <remarks>RFC 2033 §4.1.</remarks>
internal sealed class LhloCommand(ExtensionTable extensions) : EhloCommand(extensions)
{
    public override string Verb => "LHLO";

    public override bool IsOffered(SmtpSession session) => session.Profile.Lmtp;
}
