namespace SaaS.Domain.Settings;

/// <summary>From widest to narrowest; the narrowest that has a value wins.</summary>
public enum SettingLevel
{
    Platform = 0,
    Reseller = 1,
    Tenant = 2,
    Domain = 3,
    Account = 4,
}

/// <summary>A value set at one level.</summary>
public sealed class Setting
{
    public SettingLevel Level { get; set; }
    /// <summary>Id of the reseller, tenant, domain or account; 0 at platform level.</summary>
    public long OwnerId { get; set; }
    public required string Key { get; set; }
    /// <summary>JSON.</summary>
    public required string Value { get; set; }
    public DateTimeOffset ChangedAt { get; set; }
}
