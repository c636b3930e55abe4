using SaaS.Domain.Common;

namespace SaaS.MailHost.Imap;

/// <summary>Domain's reasons as response codes (RFC 9051 §7.1, RFC 5530). A new reason breaks this build.</summary>
internal static class ImapError
{
    public static string? Code(RefusalReason reason) => reason switch
    {
        RefusalReason.NotFound => "NONEXISTENT",
        RefusalReason.AlreadyExists => "ALREADYEXISTS",
        RefusalReason.Invalid => "CANNOT",
        RefusalReason.Forbidden => "NOPERM",
        RefusalReason.Conflict => "INUSE",
        RefusalReason.OverQuota => "OVERQUOTA",
        RefusalReason.LimitReached => "LIMIT",
        RefusalReason.TooLarge => "TOOBIG",
        RefusalReason.Suspended => "CONTACTADMIN",
        RefusalReason.NotVerified => "CANNOT",
        RefusalReason.HasChildren => "HASCHILDREN",
        RefusalReason.NonExistentParent => "NONEXISTENT",
        RefusalReason.UnknownRecipient => null,
        RefusalReason.SenderNotAllowed => "NOPERM",
        RefusalReason.RelayDenied => "NOPERM",
        RefusalReason.RateLimited => "LIMIT",
        RefusalReason.LoopDetected => null,
        RefusalReason.TemporarilyUnavailable => "UNAVAILABLE",
    };
}

/// <summary>The session must end: the client hears BYE with this text.</summary>
internal sealed class ImapByeException(string text) : Exception(text);
