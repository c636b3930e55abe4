using SaaS.Domain.Common;

namespace SaaS.MailHost.AccessProxy;

/// <summary>A legacy platform cannot be used now, or says no.</summary>
internal sealed class LegacyException(RefusalReason reason, string message, Exception? inner = null) : Exception(message, inner)
{
    public RefusalReason Reason => reason;

    public static LegacyException Unavailable(string message, Exception? inner = null) => new(RefusalReason.TemporarilyUnavailable, message, inner);

    /// <summary>The credentials are wrong there.</summary>
    public static LegacyException Refused(string message) => new(RefusalReason.Forbidden, message);
}
