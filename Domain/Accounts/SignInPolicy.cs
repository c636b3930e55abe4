using Microsoft.EntityFrameworkCore;
using SaaS.Domain.Common;
using SaaS.Domain.Settings;

namespace SaaS.Domain.Accounts;

/// <summary>What the settings say about a user's sign-in: how long it lasts, and whether a second factor is needed.</summary>
public sealed class SignInPolicy(PlatformQuery platform, SettingsService settings, TimeProvider time)
{
    /// <summary>Whether a session of that age may be prolonged; null: it has ended.</summary>
    public async Task<bool> MayGoOnAsync(UserFacts user, DateTimeOffset? openedAt, CancellationToken ct) =>
        openedAt is { } at && time.GetUtcNow() - at < TimeSpan.FromDays((await ValueAsync(SettingCatalogue.SessionDays, user, ct)).GetInt32());

    public async Task<bool> NeedsSecondFactorAsync(UserFacts user, CancellationToken ct) =>
        (await ValueAsync(SettingCatalogue.SecondFactor, user, ct)).GetString() switch
        {
            "everyone" => true,
            "admins" => user.AdminScope is not null,
            _ => false,
        };

    // Operators and resellers without a mailbox follow what their reseller or the platform says.
    private async Task<System.Text.Json.JsonElement> ValueAsync(SettingKey key, UserFacts user, CancellationToken ct)
    {
        var place = await platform.AskAsync(async db => (
            Reseller: user.Reseller ?? await db.Tenants.Where(x => x.Id == user.Tenant).Select(x => (ResellerId?)x.ResellerId).FirstOrDefaultAsync(ct),
            Domain: await db.Accounts.Where(x => x.Id == user.Account).Select(x => (DomainId?)x.DomainId).FirstOrDefaultAsync(ct)));
        return await settings.ValueAsync(key, place.Reseller ?? new ResellerId(-1), user.Tenant ?? new TenantId(-1), place.Domain, user.Account, ct);
    }
}
