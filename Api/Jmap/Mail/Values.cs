using System.Text.Json.Nodes;

namespace SaaS.Api.Jmap.Mail;

/// <summary>Properties of an object to create or patch, read with their types; a wrong one is an invalidProperties error.</summary>
internal sealed class Values(JsonObject json)
{
    public bool Has(string name) => json.ContainsKey(name);

    public string? Text(string name) =>
        json[name] is null ? null : json[name] is JsonValue v && v.TryGetValue<string>(out var s) ? s : throw Wrong(name);

    public bool? Bool(string name) =>
        json[name] is null ? null : json[name] is JsonValue v && v.TryGetValue<bool>(out var b) ? b : throw Wrong(name);

    public int? Number(string name) =>
        json[name] is null ? null : json[name] is JsonValue v && JmapArguments.TryLong(v, out var n) && n is >= 0 and <= int.MaxValue ? (int)n : throw Wrong(name);

    public DateTimeOffset? Date(string name) =>
        Text(name) is not { } text ? null
            : DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var at)
                ? at : throw Wrong(name);

    public JsonObject? Object(string name) => json[name] is null ? null : json[name] as JsonObject ?? throw Wrong(name);

    public JsonArray? Array(string name) => json[name] is null ? null : json[name] as JsonArray ?? throw Wrong(name);

    public IReadOnlyList<string>? Texts(string name) => Array(name)?
        .Select(i => i is JsonValue v && v.TryGetValue<string>(out var s) ? s : throw Wrong(name)).ToList();

    /// <summary>A set: every value is true.</summary>
    public IReadOnlyList<string>? Set(string name) => Object(name)?
        .Select(p => p.Value is JsonValue v && v.TryGetValue<bool>(out var on) && on ? p.Key : throw Wrong(name)).ToList();

    public void RefuseUnknown(params string[] known)
    {
        if (json.Select(p => p.Key).FirstOrDefault(k => !known.Contains(k, StringComparer.Ordinal)) is { } unknown)
        {
            throw SetException.Invalid(unknown, "This cannot be set.");
        }
    }

    public static SetException Wrong(string name) => SetException.Invalid(name, "Has the wrong type.");
}
