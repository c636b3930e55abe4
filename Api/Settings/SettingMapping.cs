using SaaS.Client.Settings;
using SaaS.Domain.Settings;

namespace SaaS.Api.Settings;

internal static class SettingMapping
{
    public static SettingView ToView(EffectiveSetting x) => new(
        x.Key.Key, x.Key.Title, x.Key.Description, x.Key.Type.ToString().ToLowerInvariant(), x.Key.Choices, x.Key.Minimum, x.Key.Maximum, x.Value,
        x.Key.Default, (SettingScope?)x.Source, x.SourceName, x.SetHere, x.Editable,
        [.. x.Steps.Select(s => new SettingStepView((SettingScope)s.Level, s.Name, s.Value))]);
}
