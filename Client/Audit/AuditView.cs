using System.Text.Json;

namespace SaaS.Client.Audit;

/// <param name="Action">noun.verb, such as domain.verify.</param>
/// <param name="Details">Changed fields.</param>
/// <param name="Address">Where the call came from.</param>
public sealed record AuditView(
    long Id, DateTimeOffset At, string? UserName, string Action, string Target, JsonElement? Details, string? Address, long? TenantId,
    long? ResellerId);

/// <param name="Action">noun.verb, or a noun for all that was done to such things.</param>
/// <param name="User">Login of who did it, whole.</param>
/// <param name="Until">Not included.</param>
public sealed record AuditQuery(string? Action = null, string? User = null, DateTimeOffset? From = null, DateTimeOffset? Until = null);
