using System.Text.Json.Nodes;

namespace SaaS.Api.Jmap.Core;

/// <summary>"#ids": {resultOf, name, path} -> "ids": what stands there (RFC 8620 §3.7).</summary>
internal static class ResultReferences
{
    private const int MaxValues = 50_000;

    public static JsonObject Resolve(JsonObject arguments, IReadOnlyList<(string Name, JsonObject Arguments, string CallId)> earlier)
    {
        if (!arguments.Any(a => a.Key.StartsWith('#')))
        {
            return arguments;
        }

        var resolved = new JsonObject();
        foreach (var (key, value) in arguments)
        {
            if (!key.StartsWith('#'))
            {
                resolved[key] = value?.DeepClone();
                continue;
            }

            var name = key[1..];
            if (arguments.ContainsKey(name))
            {
                throw MethodException.Invalid($"{name} is given twice.");
            }

            resolved[name] = Find(value, earlier);
        }

        return resolved;
    }

    private static JsonNode? Find(JsonNode? reference, IReadOnlyList<(string Name, JsonObject Arguments, string CallId)> earlier)
    {
        if (reference is not JsonObject o || Text(o["resultOf"]) is not { } callId || Text(o["name"]) is not { } method || Text(o["path"]) is not { } path)
        {
            throw Unresolved();
        }

        foreach (var (name, result, id) in earlier)
        {
            // The first response of that call: its name must be the one named.
            if (id == callId)
            {
                return name == method ? Walk(result, path.Length == 0 ? [] : Split(path)) : throw Unresolved();
            }
        }

        throw Unresolved();
    }

    private static string[] Split(string path) =>
        path[0] == '/' ? path[1..].Split('/') : throw Unresolved();

    private static JsonNode? Walk(JsonNode? node, ReadOnlySpan<string> path)
    {
        if (path.IsEmpty)
        {
            return node?.DeepClone();
        }

        var token = path[0].Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
        switch (node)
        {
            case JsonArray array when token == "*":
                var all = new JsonArray();
                foreach (var item in array)
                {
                    // Results that are lists themselves are flattened.
                    var found = Walk(item, path[1..]);
                    foreach (var value in found is JsonArray inner ? inner.Select(i => i?.DeepClone()).ToList() : [found])
                    {
                        all.Add(value);
                    }

                    if (all.Count > MaxValues)
                    {
                        throw new MethodException("requestTooLarge");
                    }
                }

                return all;
            case JsonArray array when int.TryParse(token, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var i)
                && i < array.Count:
                return Walk(array[i], path[1..]);
            case JsonObject o when o.TryGetPropertyValue(token, out var value):
                return Walk(value, path[1..]);
            default:
                throw Unresolved();
        }
    }

    private static string? Text(JsonNode? node) => node is JsonValue v && v.TryGetValue<string>(out var s) ? s : null;

    private static MethodException Unresolved() => new("invalidResultReference");
}
