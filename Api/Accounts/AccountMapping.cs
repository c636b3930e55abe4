using SaaS.Api.Hosting;
using SaaS.Client.Accounts;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;

namespace SaaS.Api.Accounts;

/// <summary>What of it crosses HTTP.</summary>
internal static class AccountMapping
{
    public static AccountView ToView(AccountSummary x) => new(
        x.Account.Id.Value, x.Account.TenantId.Value, x.Account.DomainId.Value, x.Account.Address, x.Account.DisplayName,
        (AccountType)x.Account.Kind, x.Account.Suspended, [.. x.Roles.Select(r => (AccountRole)r)], x.Account.ForwardTo, x.Account.KeepForwarded,
        x.State.UsedBytes, x.State.QuotaBytes, x.State.MessageCount, x.Account.CreatedAt, Answers.Version(x.Account.Version),
        x.Account.LegacyPlatformId?.Value, x.Account.AtLegacy, x.Account.LegacyUserName);

    /// <summary>The object with its ETag; 201 where it was made at a location.</summary>
    public static IResult Answer(HttpContext context, Outcome<AccountSummary> found, string? location = null) =>
        !found.Ok ? context.Refused(found.Refusal)
        : location is null ? context.Found(ToView(found.Value), Answers.Version(found.Value.Account.Version))
        : context.Made(location, ToView(found.Value), Answers.Version(found.Value.Account.Version));

    public static IReadOnlyList<Role>? ToRoles(IReadOnlyList<AccountRole>? roles) => roles is null ? null : [.. roles.Select(r => (Role)r)];
}
