using System.Text.Json;
using System.Text.Json.Nodes;

namespace SaaS.Api.Jmap;

/// <summary>Arguments of a call, read with their types; a wrong one is an invalidArguments error.</summary>
internal sealed class JmapArguments(JsonObject json)
{
    public JsonObject Json => json;

    public string String(string name) => OptionalString(name) ?? throw MethodException.Invalid($"{name} is missing.");

    public string? OptionalString(string name) => Value<string>(name);

    public bool Bool(string name, bool otherwise = false) =>
        json[name] is null ? otherwise : json[name] is JsonValue v && v.TryGetValue<bool>(out var b) ? b : throw Wrong(name);

    public long? OptionalLong(string name) =>
        json[name] is null ? null : json[name] is JsonValue v && TryLong(v, out var n) ? n : throw Wrong(name);

    /// <summary>UnsignedInt.</summary>
    public int? OptionalCount(string name) =>
        OptionalLong(name) is not { } n ? null : n >= 0 ? (int)Math.Min(n, int.MaxValue) : throw Wrong(name);

    public int Int(string name, int otherwise) =>
        OptionalLong(name) is { } n ? (int)Math.Clamp(n, int.MinValue, int.MaxValue) : otherwise;

    public JsonObject? OptionalObject(string name) =>
        json[name] is null ? null : json[name] as JsonObject ?? throw Wrong(name);

    public JsonArray? OptionalArray(string name) =>
        json[name] is null ? null : json[name] as JsonArray ?? throw Wrong(name);

    public IReadOnlyList<string>? OptionalStrings(string name) => OptionalArray(name) is { } array ? Strings(array, name) : null;

    /// <summary>Ids of a /get; more than the limit is requestTooLarge.</summary>
    public IReadOnlyList<string>? Ids(string name, int max)
    {
        var ids = OptionalStrings(name);
        return ids is null || ids.Count <= max
            ? ids is null ? null : [.. ids.Distinct(StringComparer.Ordinal)]
            : throw new MethodException("requestTooLarge", $"At most {max} ids.");
    }

    private T? Value<T>(string name) where T : class =>
        json[name] is null ? null : json[name] is JsonValue v && v.TryGetValue<T>(out var value) ? value : throw Wrong(name);

    public static IReadOnlyList<string> Strings(JsonArray array, string name)
    {
        var strings = new List<string>(array.Count);
        foreach (var item in array)
        {
            strings.Add(item is JsonValue v && v.TryGetValue<string>(out var s) ? s : throw Wrong(name));
        }

        return strings;
    }

    public static bool TryLong(JsonValue value, out long number)
    {
        if (value.TryGetValue(out number))
        {
            return true;
        }

        // 1.0 is an integer too.
        if (value.GetValueKind() == JsonValueKind.Number && value.TryGetValue<double>(out var d) && d == Math.Floor(d) && Math.Abs(d) < 1L << 53)
        {
            number = (long)d;
            return true;
        }

        return false;
    }

    public static MethodException Wrong(string name) => MethodException.Invalid($"{name} has the wrong type.");
}
