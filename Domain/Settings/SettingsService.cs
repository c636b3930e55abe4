using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using SaaS.Domain.Audit;
using SaaS.Domain.Common;

namespace SaaS.Domain.Settings;

/// <summary>A setting as it holds at one place, and where its value comes from (null: the default).</summary>
public sealed record EffectiveSetting(
    SettingKey Key, JsonElement Value, SettingLevel? Source, string? SourceName, bool SetHere, bool Editable, IReadOnlyList<SettingStep> Steps);

/// <summary>A level on the way from the platform down, and the value set there (null: none).</summary>
public sealed record SettingStep(SettingLevel Level, string? Name, JsonElement? Value);

/// <summary>Settings with inheritance platform > reseller > tenant > domain > account: the narrowest value wins.</summary>
public sealed class SettingsService(MailDbContext db, AuditLog audit, PlatformQuery platform, TimeProvider time)
{
    private sealed record Place(SettingLevel Level, long Id, string? Name, ResellerId? Reseller, TenantId? Tenant);

    /// <summary>All settings as they hold at a place that the caller sees.</summary>
    public async Task<Outcome<IReadOnlyList<EffectiveSetting>>> GetAsync(SettingLevel level, long owner, CancellationToken ct)
    {
        var chain = await ChainAsync(level, owner, ct);
        if (!chain.Ok)
        {
            return chain.Refusal;
        }

        return Outcome(await ReadAsync(chain.Value, ct));
    }

    /// <summary>Refusals: NotFound (place or key), Invalid (value), Forbidden (the level is not the caller's to set).</summary>
    public async Task<Outcome<EffectiveSetting>> SetAsync(SettingLevel level, long owner, string key, JsonElement value, CancellationToken ct)
    {
        var place = await FindForChangeAsync(level, owner, key, ct);
        if (!place.Ok)
        {
            return place.Refusal;
        }

        var (known, chain) = place.Value;
        if (!known.Takes(value))
        {
            return Refusal.Invalid("value", known.Type switch
            {
                SettingType.Integer => $"A number from {known.Minimum} to {known.Maximum}.",
                SettingType.Choice => $"One of {string.Join(", ", known.Choices!)}.",
                _ => "true or false.",
            });
        }

        var setting = await db.Settings.FirstOrDefaultAsync(x => x.Level == level && x.OwnerId == owner && x.Key == key, ct);
        if (setting is null)
        {
            setting = new Setting { Level = level, OwnerId = owner, Key = key, Value = "null" };
            db.Add(setting);
        }

        setting.Value = value.GetRawText();
        setting.ChangedAt = time.GetUtcNow();
        audit.Add("setting.set", $"{key} of {chain[^1].Name}", chain[^1].Reseller, chain[^1].Tenant, new { value });
        if (await db.TrySaveAsync(Saving.Changed, ct) is { } no)
        {
            return no;
        }

        return (await ReadAsync(chain, ct)).First(x => x.Key == known);
    }

    /// <summary>Takes the value of this place away, so that the wider one shows through.</summary>
    public async Task<Refusal?> ClearAsync(SettingLevel level, long owner, string key, CancellationToken ct)
    {
        var place = await FindForChangeAsync(level, owner, key, ct);
        if (!place.Ok)
        {
            return place.Refusal;
        }

        if (await db.Settings.FirstOrDefaultAsync(x => x.Level == level && x.OwnerId == owner && x.Key == key, ct) is not { } setting)
        {
            return null;
        }

        var at = place.Value.Chain[^1];
        db.Remove(setting);
        audit.Add("setting.clear", $"{key} of {at.Name}", at.Reseller, at.Tenant);
        return await db.TrySaveAsync(Saving.Changed, ct);
    }

    /// <summary>What holds at a place, for our own rules; asks as the platform.</summary>
    internal Task<JsonElement> ValueAsync(SettingKey key, ResellerId reseller, TenantId tenant, DomainId? domain, AccountId? account, CancellationToken ct) =>
        platform.AskAsync(async p =>
        {
            var (r, t, d, a) = (reseller.Value, tenant.Value, domain?.Value ?? -1, account?.Value ?? -1);
            var found = await p.Settings.AsNoTracking().Where(x => x.Key == key.Key && (
                    x.Level == SettingLevel.Platform || (x.Level == SettingLevel.Reseller && x.OwnerId == r)
                    || (x.Level == SettingLevel.Tenant && x.OwnerId == t) || (x.Level == SettingLevel.Domain && x.OwnerId == d)
                    || (x.Level == SettingLevel.Account && x.OwnerId == a)))
                .OrderByDescending(x => x.Level).Select(x => x.Value).FirstOrDefaultAsync(ct);
            return found is null ? key.Default : JsonSerializer.Deserialize<JsonElement>(found);
        });

    private static Outcome<IReadOnlyList<EffectiveSetting>> Outcome(List<EffectiveSetting> list) => list;

    private async Task<Outcome<(SettingKey Key, List<Place> Chain)>> FindForChangeAsync(
        SettingLevel level, long owner, string key, CancellationToken ct)
    {
        var chain = await ChainAsync(level, owner, ct);
        return !chain.Ok ? chain.Refusal
            : SettingCatalogue.Find(key) is not { } known ? Refusal.NotFound("setting")
            : level > known.Narrowest ? Refusal.Invalid("key", "This setting cannot be set so narrowly.")
            : db.Caller.Scope is CallerScope.OfAccount ? new Refusal(RefusalReason.Forbidden, "Only admins change settings.")
            : (known, chain.Value);
    }

    /// <summary>From the platform down to the place; NotFound where the caller does not see it. A tenant admin sees nothing wider than the tenant.</summary>
    private async Task<Outcome<List<Place>>> ChainAsync(SettingLevel level, long owner, CancellationToken ct)
    {
        var chain = new List<Place>();
        if (level >= SettingLevel.Account)
        {
            var account = await db.Accounts.AsNoTracking().Where(x => x.Id == new AccountId(owner)).Select(x => new { x.Address, x.DomainId })
                .FirstOrDefaultAsync(ct);
            if (account is null)
            {
                return Refusal.NotFound("account");
            }

            chain.Add(new Place(SettingLevel.Account, owner, account.Address, null, null));
            owner = account.DomainId.Value;
        }

        if (level >= SettingLevel.Domain)
        {
            var domain = await db.Domains.AsNoTracking().Where(x => x.Id == new DomainId(owner)).Select(x => new { x.Name, x.TenantId })
                .FirstOrDefaultAsync(ct);
            if (domain is null)
            {
                return Refusal.NotFound("domain");
            }

            chain.Add(new Place(SettingLevel.Domain, owner, domain.Name, null, null));
            owner = domain.TenantId.Value;
        }

        TenantId? tenantId = null;
        if (level >= SettingLevel.Tenant)
        {
            var tenant = await db.Tenants.AsNoTracking().Where(x => x.Id == new TenantId(owner)).Select(x => new { x.Name, x.ResellerId })
                .FirstOrDefaultAsync(ct);
            if (tenant is null)
            {
                return Refusal.NotFound("tenant");
            }

            tenantId = new TenantId(owner);
            chain.Add(new Place(SettingLevel.Tenant, owner, tenant.Name, null, null));
            owner = tenant.ResellerId.Value;
        }

        ResellerId? resellerId = null;
        if (level >= SettingLevel.Reseller)
        {
            var name = await db.Resellers.Where(x => x.Id == new ResellerId(owner)).Select(x => x.Name).FirstOrDefaultAsync(ct);
            if (level == SettingLevel.Reseller && name is null)
            {
                return Refusal.NotFound("reseller");
            }

            resellerId = new ResellerId(owner);
            chain.Add(new Place(SettingLevel.Reseller, owner, name, null, null));
        }
        else if (owner != 0 || db.Caller.Scope is not CallerScope.Operator)
        {
            return Refusal.NotFound("place");
        }

        chain.Add(new Place(SettingLevel.Platform, 0, "Platform", null, null));
        chain.Reverse();
        chain[^1] = chain[^1] with { Reseller = resellerId, Tenant = tenantId };
        return chain;
    }

    private async Task<List<EffectiveSetting>> ReadAsync(List<Place> chain, CancellationToken ct)
    {
        var ids = chain.Select(x => x.Id).ToList();
        var stored = await db.Settings.AsNoTracking().Where(x => ids.Contains(x.OwnerId)).ToListAsync(ct);
        var here = chain[^1];
        return [.. SettingCatalogue.All.Select(key =>
        {
            var found = chain.AsEnumerable().Reverse()
                .Select(place => (Place: place, Setting: stored.FirstOrDefault(s => s.Level == place.Level && s.OwnerId == place.Id && s.Key == key.Key)))
                .FirstOrDefault(x => x.Setting is not null);
            return new EffectiveSetting(
                key,
                found.Setting is null ? key.Default : JsonSerializer.Deserialize<JsonElement>(found.Setting.Value),
                found.Place?.Level,
                found.Place?.Name,
                found.Setting is not null && found.Place == here,
                here.Level <= key.Narrowest && db.Caller.Scope is not CallerScope.OfAccount,
                [.. chain.Select(place => new SettingStep(
                    place.Level, place.Name,
                    stored.FirstOrDefault(s => s.Level == place.Level && s.OwnerId == place.Id && s.Key == key.Key) is { } set
                        ? JsonSerializer.Deserialize<JsonElement>(set.Value)
                        : null))]);
        })];
    }
}
