using SaaS.Domain.Common;
using SaaS.MailHost.Smtp.Wire;

namespace SaaS.MailHost.Smtp;

/// <summary>The replies that never change, and the one place where a refusal becomes a reply.</summary>
internal static class SmtpReplies
{
    public static readonly SmtpReply Ok = new(250, "2.0.0", "OK");
    public static readonly SmtpReply SenderOk = new(250, "2.1.0", "Sender OK");
    public static readonly SmtpReply RecipientOk = new(250, "2.1.5", "Recipient OK");
    public static readonly SmtpReply Reset = new(250, "2.0.0", "Reset");
    public static readonly SmtpReply GiveData = new(354, null, "End data with <CR><LF>.<CR><LF>");
    public static readonly SmtpReply GoAheadTls = new(220, "2.0.0", "Ready to start TLS");
    public static readonly SmtpReply Unknown = new(500, "5.5.2", "Command not recognised.");
    public static readonly SmtpReply NotHere = new(502, "5.5.1", "Command not implemented.");
    public static readonly SmtpReply LineTooLong = new(500, "5.5.6", "Line too long.");
    public static readonly SmtpReply BareLineEnd = new(500, "5.5.2", "Lines end in CRLF.");
    public static readonly SmtpReply AuthRequired = new(530, "5.7.0", "Authentication required.");
    public static readonly SmtpReply TooManyRecipients = new(452, "4.5.3", "Too many recipients.");
    public static readonly SmtpReply NonAsciiAddress = new(553, "5.6.7", "Address needs SMTPUTF8.");
    public static readonly SmtpReply SpoolFull = new(452, "4.3.1", "Insufficient system storage.");
    public static readonly SmtpReply BinaryToOutside = new(554, "5.6.3", "Binary content cannot be sent on from here.");
    public static readonly SmtpReply TimedOut = new(421, "4.4.2", "Timeout, closing.") { Closes = true };
    public static readonly SmtpReply Draining = new(421, "4.3.2", "Service closing, try again.") { Closes = true };
    public static readonly SmtpReply TooManyErrors = new(421, "4.7.0", "Too many errors, closing.") { Closes = true };
    public static readonly SmtpReply SessionLimit = new(421, "4.7.0", "Session limit reached, closing.") { Closes = true };
    public static readonly SmtpReply Pipelined = new(554, "5.5.0", "Commands were sent ahead where this is not allowed.") { Closes = true };

    public static SmtpReply Fault(string id) => new(451, "4.3.0", $"Internal error {id}, try again later.");

    public static SmtpReply Syntax(SmtpSyntaxException e) => new(e.Code, e.Enhanced, e.Message);

    /// <summary>Permanent where trying again cannot help. The text stays general; the log has the reason.</summary>
    public static SmtpReply From(Refusal refusal) => refusal.Reason switch
    {
        RefusalReason.UnknownRecipient or RefusalReason.NotFound => new(550, "5.1.1", refusal.Text),
        RefusalReason.OverQuota => new(452, "4.2.2", refusal.Text),
        RefusalReason.Suspended => new(450, "4.2.1", refusal.Text),
        RefusalReason.RelayDenied => new(550, "5.7.1", refusal.Text),
        RefusalReason.SenderNotAllowed => new(550, "5.7.1", refusal.Text),
        RefusalReason.Forbidden => new(550, "5.7.1", refusal.Text),
        RefusalReason.NotVerified => new(550, "5.1.2", refusal.Text),
        RefusalReason.RateLimited => new(450, "4.7.1", refusal.Text),
        RefusalReason.LimitReached => new(452, "4.5.3", refusal.Text),
        RefusalReason.TooLarge => new(552, "5.3.4", refusal.Text),
        RefusalReason.LoopDetected => new(554, "5.4.6", refusal.Text),
        RefusalReason.Invalid => new(554, "5.6.0", refusal.Text),
        RefusalReason.TemporarilyUnavailable => new(451, "4.3.0", refusal.Text),
        // Nothing on the way of a message refuses with these; if it did, losing time is better than losing mail.
        RefusalReason.AlreadyExists or RefusalReason.Conflict or RefusalReason.HasChildren or RefusalReason.NonExistentParent =>
            new(451, "4.3.0", refusal.Text),
    };

    public static SmtpReply From(DataFault fault, long maxBytes) => fault switch
    {
        DataFault.BareLineFeed => new(550, "5.6.11", "Bare LF in message: lines end in CRLF."),
        DataFault.BareCarriageReturn => new(550, "5.6.11", "Bare CR in message: lines end in CRLF."),
        DataFault.Nul => new(554, "5.6.0", "NUL octet in message."),
        DataFault.LineTooLong => new(554, "5.6.0", "Line too long in message."),
        DataFault.TooLarge => new(552, "5.3.4", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Message larger than {maxBytes} octets.")),
        DataFault.None => throw new ArgumentOutOfRangeException(nameof(fault)),
    };

    /// <summary>AUTH: RFC 4954 §6, RFC 5248.</summary>
    public static SmtpReply FromSignIn(Refusal refusal) => refusal.Reason switch
    {
        RefusalReason.RateLimited or RefusalReason.TemporarilyUnavailable => new(454, "4.7.0", refusal.Text),
        RefusalReason.Suspended => new(535, "5.7.13", refusal.Text),
        _ => new(535, "5.7.8", refusal.Text),
    };
}
