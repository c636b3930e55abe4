using SaaS.Domain.Common;
using SaaS.MailHost.Smtp.Extensions;
using SaaS.MailHost.Smtp.Wire;

namespace SaaS.MailHost.Smtp.Commands;

/// <summary>MAIL: begins a transaction. Knows no parameter; the extensions do.</summary>
/// <remarks>RFC 5321 §4.1.1.2.</remarks>
internal sealed class MailCommand(ExtensionTable extensions) : SmtpCommand<MailCommand.Args>
{
    private static readonly SmtpReply BadSender = new(553, "5.1.7", "Sender address is not valid.");

    internal sealed record Args(string Path, IReadOnlyList<EsmtpParameter> Parameters);

    public override string Verb => "MAIL";

    // mail = "MAIL FROM:" Reverse-path [SP Mail-parameters] CRLF
    protected override Args Parse(ref SmtpReader reader)
    {
        reader.ExpectKeyword("FROM:"u8);
        return new Args(reader.ReadPath(), reader.ReadParameters());
    }

    protected override async ValueTask<SmtpReply> RunAsync(SmtpSession session, Args arguments, CancellationToken ct)
    {
        if (session.ReachedLimit())
        {
            return SmtpReplies.SessionLimit;
        }

        MailAddress? reversePath = null;
        if (arguments.Path.Length > 0 && !MailAddress.TryParse(arguments.Path, out reversePath))
        {
            return BadSender;
        }

        var transaction = new SmtpTransaction(reversePath);
        if (extensions.OnMail(session, transaction, arguments.Parameters) is { } refused)
        {
            return refused;
        }

        // The domain was normalised to A-labels: what was typed decides.
        if (!System.Text.Ascii.IsValid(arguments.Path) && !transaction.SmtpUtf8)
        {
            return SmtpReplies.NonAsciiAddress;
        }

        if (await session.Profile.Policy.OnMailAsync(session, transaction, ct) is { } no)
        {
            return no;
        }

        session.Begin(transaction);
        return SmtpReplies.SenderOk;
    }
}
