using System.Text.Json;

namespace SaaS.Client.Settings;

/// <summary>From widest to narrowest; the narrowest that has a value wins.</summary>
public enum SettingScope
{
    Platform,
    Reseller,
    Tenant,
    Domain,
    Account,
}

/// <summary>A setting as it holds at one place.</summary>
/// <param name="Type">boolean, integer, text or choice.</param>
/// <param name="Value">What holds here.</param>
/// <param name="Source">The level that the value comes from; null: the product's default.</param>
/// <param name="SourceName">Name of the reseller, tenant, domain or account that it comes from.</param>
/// <param name="SetHere">True: it is set at the very place that was asked for and can be cleared.</param>
public sealed record SettingView(
    string Key, string Title, string Description, string Type, IReadOnlyList<string>? Choices, long? Minimum, long? Maximum,
    JsonElement Value, JsonElement Default, SettingScope? Source, string? SourceName, bool SetHere, bool Editable,
    IReadOnlyList<SettingStepView>? Steps = null);

/// <summary>A level on the way from the platform down to here.</summary>
/// <param name="Name">Null where the caller may not know it.</param>
/// <param name="Value">What is set there; null: nothing.</param>
public sealed record SettingStepView(SettingScope Scope, string? Name, JsonElement? Value);

public sealed record EffectiveSettings(SettingScope Scope, long OwnerId, IReadOnlyList<SettingView> Items);

public sealed record SetSetting(JsonElement Value);
