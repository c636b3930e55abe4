using SaaS.Domain.Common;

namespace SaaS.Api.Jmap;

/// <summary>A call fails with a method-level error (RFC 8620 §3.6.2); the dispatcher writes it.</summary>
internal sealed class MethodException(string type, string? description = null) : Exception(description ?? type)
{
    public string Type { get; } = type;
    public string? Description { get; } = description;

    public static MethodException Invalid(string description) => new("invalidArguments", description);

    public static MethodException Of(Refusal refusal) => new(
        refusal.Reason switch
        {
            RefusalReason.Forbidden or RefusalReason.SenderNotAllowed or RefusalReason.Suspended or RefusalReason.NotVerified
                or RefusalReason.RelayDenied => "forbidden",
            RefusalReason.TemporarilyUnavailable or RefusalReason.RateLimited => "serverUnavailable",
            RefusalReason.LimitReached or RefusalReason.TooLarge => "requestTooLarge",
            RefusalReason.Conflict => "stateMismatch",
            RefusalReason.NotFound or RefusalReason.AlreadyExists or RefusalReason.Invalid or RefusalReason.OverQuota
                or RefusalReason.HasChildren or RefusalReason.NonExistentParent or RefusalReason.UnknownRecipient
                or RefusalReason.LoopDetected => "invalidArguments",
        }, refusal.Text);
}
