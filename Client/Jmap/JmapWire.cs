using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace SaaS.Client.Jmap;

/// <summary>[name, arguments, call id] (RFC 8620 §3.2).</summary>
[JsonConverter(typeof(InvocationConverter))]
public sealed record Invocation(string Name, JsonObject Arguments, string CallId);

/// <summary>RFC 8620 §3.3.</summary>
public sealed record JmapRequest
{
    public required IReadOnlyList<string> Using { get; init; }
    public required IReadOnlyList<Invocation> MethodCalls { get; init; }
    public IReadOnlyDictionary<string, string>? CreatedIds { get; init; }
}

/// <summary>RFC 8620 §3.4.</summary>
public sealed record JmapResponse
{
    public required IReadOnlyList<Invocation> MethodResponses { get; init; }
    public IReadOnlyDictionary<string, string>? CreatedIds { get; init; }
    public required string SessionState { get; init; }
}

/// <summary>Stands for a value in an earlier call's result (RFC 8620 §3.7).</summary>
public sealed record ResultReference(string ResultOf, string Name, string Path);

/// <summary>Ids given, or taken from an earlier call of the same request.</summary>
public sealed record JmapIds
{
    private JmapIds(IReadOnlyList<string>? given, ResultReference? from) => (Given, From) = (given, from);

    public IReadOnlyList<string>? Given { get; }
    public ResultReference? From { get; }

    /// <summary>Every object of the type.</summary>
    public static readonly JmapIds All = new(null, null);

    public static JmapIds Of(params IReadOnlyList<string> ids) => new(ids, null);

    public static implicit operator JmapIds(ResultReference from) => new(null, from);
    public static implicit operator JmapIds(string[] ids) => new(ids, null);
    public static implicit operator JmapIds(List<string> ids) => new(ids, null);
    public static implicit operator JmapIds(string id) => new([id], null);
}

/// <summary>Why one object could not be created, updated or destroyed (RFC 8620 §5.3).</summary>
public sealed record SetError
{
    public required string Type { get; init; }
    public string? Description { get; init; }
    public IReadOnlyList<string>? Properties { get; init; }
    /// <summary>With alreadyExists: the object that exists.</summary>
    public string? ExistingId { get; init; }
    /// <summary>With blobNotFound.</summary>
    public IReadOnlyList<string>? NotFound { get; init; }
    /// <summary>With tooManyRecipients.</summary>
    public int? MaxRecipients { get; init; }
    /// <summary>With invalidRecipients.</summary>
    public IReadOnlyList<string>? InvalidRecipients { get; init; }
    /// <summary>With tooLarge.</summary>
    public long? MaxSize { get; init; }
}

internal sealed class InvocationConverter : JsonConverter<Invocation>
{
    public override Invocation Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (JsonNode.Parse(ref reader) is not JsonArray { Count: 3 } array
            || array[0] is not JsonValue name || array[1] is not JsonObject arguments || array[2] is not JsonValue callId
            || !name.TryGetValue<string>(out var n) || !callId.TryGetValue<string>(out var c))
        {
            throw new JsonException("An invocation is [name, arguments, call id].");
        }

        array.RemoveAt(1);
        return new Invocation(n, arguments, c);
    }

    public override void Write(Utf8JsonWriter writer, Invocation value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        writer.WriteStringValue(value.Name);
        value.Arguments.WriteTo(writer, options);
        writer.WriteStringValue(value.CallId);
        writer.WriteEndArray();
    }
}
