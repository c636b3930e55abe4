using SaaS.Domain.Common;

namespace SaaS.Domain.Delivery;

/// <summary>Where one recipient goes.</summary>
public abstract record Route
{
    private Route() { }

    /// <summary>An account. <paramref name="Detail"/> is what stands behind the + of the local-part; <paramref name="Home"/> the legacy platform
    /// that its mailbox is still on, null where it is here.</summary>
    public sealed record Local(AccountId Account, TenantId Tenant, string? Detail, LegacyPlatformId? Home = null) : Route;

    /// <summary>A mail server elsewhere. <paramref name="ForwardedBy"/> is the tenant that forwards, where it is not the sender's own mail.</summary>
    public sealed record Remote(MailAddress Recipient, TenantId? ForwardedBy) : Route;
}

/// <summary>What the router found for one recipient: its routes (aliases, groups and forwards give several), or why there are none.</summary>
public sealed record RouteDecision(IReadOnlyList<Route> Routes, Refusal? Refusal)
{
    public static implicit operator RouteDecision(Refusal refusal) => new([], refusal);
}

/// <summary>Whose message it is that is being routed.</summary>
/// <param name="Sender">Reverse-path; null for the null sender.</param>
/// <param name="Account">The authenticated account: it may relay to outside.</param>
/// <param name="Patient">Whatever is routed goes to the queue, which tries for days: a mailbox that is full or not in use for now is a route.</param>
public sealed record RouteContext(MailAddress? Sender, AccountId? Account, TenantId? Tenant, bool Patient = false)
{
    public static readonly RouteContext Stranger = new(null, null, null);
}

/// <summary>THE one place that decides where a recipient goes. Called by mx at RCPT, by submission, lmtp and the submission worker.</summary>
public interface IMessageRouter
{
    /// <summary>Resolves through aliases, groups and forwards, each account and address once, at most 10 levels and 10,000 routes.
    /// Refusals: UnknownRecipient, RelayDenied, OverQuota, Suspended, LoopDetected, TemporarilyUnavailable.</summary>
    ValueTask<RouteDecision> ResolveAsync(MailAddress recipient, RouteContext context, CancellationToken ct);
}
