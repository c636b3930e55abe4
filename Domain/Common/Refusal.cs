namespace SaaS.Domain.Common;

/// <summary>Why a rule said no. Closed: each protocol maps every member to its own code, and a new member breaks those builds.</summary>
public enum RefusalReason
{
    /// <summary>It does not exist, or the caller may not know that it does.</summary>
    NotFound,
    AlreadyExists,
    Invalid,
    Forbidden,
    /// <summary>The object changed since the caller read it (If-Match, UNCHANGEDSINCE, JMAP ifInState).</summary>
    Conflict,
    /// <summary>The account's storage is full.</summary>
    OverQuota,
    /// <summary>A count limit of plan, tenant or protocol is reached.</summary>
    LimitReached,
    TooLarge,
    /// <summary>The account, tenant or domain is suspended.</summary>
    Suspended,
    /// <summary>The domain's owner has not proven it yet.</summary>
    NotVerified,
    HasChildren,
    NonExistentParent,
    /// <summary>Nobody has this address here.</summary>
    UnknownRecipient,
    /// <summary>The caller may not send as this address.</summary>
    SenderNotAllowed,
    RelayDenied,
    RateLimited,
    LoopDetected,
    /// <summary>Something that we depend on is away; the same call may succeed later.</summary>
    TemporarilyUnavailable,
}

/// <summary>An expected "no", returned and never thrown.</summary>
/// <param name="Reason">What the protocols map to their codes.</param>
/// <param name="Text">One sentence for the peer: no policy detail, no existence hints.</param>
/// <param name="Field">The request's field at fault, where there is one.</param>
public sealed record Refusal(RefusalReason Reason, string Text, string? Field = null)
{
    public static Refusal NotFound(string what) => new(RefusalReason.NotFound, $"No such {what}.");
    public static Refusal Invalid(string field, string text) => new(RefusalReason.Invalid, text, field);
}

/// <summary>A value, or the reason why there is none.</summary>
public readonly record struct Outcome<T>
{
    private Outcome(T? value, Refusal? refusal) => (Value, Refusal) = (value, refusal);

    public T? Value { get; }
    public Refusal? Refusal { get; }

    [System.Diagnostics.CodeAnalysis.MemberNotNullWhen(true, nameof(Value))]
    [System.Diagnostics.CodeAnalysis.MemberNotNullWhen(false, nameof(Refusal))]
    public bool Ok => Refusal is null;

    public static implicit operator Outcome<T>(T value) => new(value, null);
    public static implicit operator Outcome<T>(Refusal refusal) => new(default, refusal);
}
