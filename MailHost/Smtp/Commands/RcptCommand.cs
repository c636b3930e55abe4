using SaaS.Domain.Common;
using SaaS.MailHost.Smtp.Extensions;
using SaaS.MailHost.Smtp.Wire;

namespace SaaS.MailHost.Smtp.Commands;

/// <summary>RCPT: one more recipient, routed here and now, so that what cannot be delivered is never taken.</summary>
/// <remarks>RFC 5321 §4.1.1.3.</remarks>
internal sealed class RcptCommand(ExtensionTable extensions) : SmtpCommand<RcptCommand.Args>
{
    private static readonly SmtpReply BadRecipient = new(553, "5.1.3", "Recipient address is not valid.");

    internal sealed record Args(string Path, IReadOnlyList<EsmtpParameter> Parameters);

    public override string Verb => "RCPT";

    // rcpt = "RCPT TO:" ( "<Postmaster@" Domain ">" / "<Postmaster>" / Forward-path ) [SP Rcpt-parameters] CRLF
    protected override Args Parse(ref SmtpReader reader)
    {
        reader.ExpectKeyword("TO:"u8);
        return new Args(reader.ReadPath(), reader.ReadParameters());
    }

    protected override async ValueTask<SmtpReply> RunAsync(SmtpSession session, Args arguments, CancellationToken ct)
    {
        var transaction = session.Transaction!;
        var path = arguments.Path.Equals("postmaster", StringComparison.OrdinalIgnoreCase) ? $"postmaster@{session.HostName}" : arguments.Path;
        if (!MailAddress.TryParse(path, out var address))
        {
            return BadRecipient;
        }

        if (!System.Text.Ascii.IsValid(path) && !transaction.SmtpUtf8)
        {
            return SmtpReplies.NonAsciiAddress;
        }

        if (transaction.Recipients.Count >= session.Profile.Options.RecipientsPerMessage)
        {
            return SmtpReplies.TooManyRecipients;
        }

        var recipient = new SmtpRecipient(address);
        if (extensions.OnRcpt(session, recipient, arguments.Parameters) is { } refused)
        {
            return refused;
        }

        recipient.Decision = await session.Profile.Policy.OnRecipientAsync(session, address, ct);
        if (recipient.Decision.Refusal is { } refusal)
        {
            return session.RefusedRecipient(address, refusal);
        }

        transaction.Recipients.Add(recipient);
        return SmtpReplies.RecipientOk;
    }
}
