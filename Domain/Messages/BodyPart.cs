using System.Text.Json.Serialization;

namespace SaaS.Domain.Messages;

/// <summary>
/// A node of the MIME tree with its place in the raw message, so that any part can be cut out of the bytes without parsing again.
/// Offsets are octets from the start of the raw message.
/// </summary>
public sealed record BodyPart
{
    /// <summary>Lower case, "text".</summary>
    [JsonPropertyName("t")] public required string Type { get; init; }
    /// <summary>Lower case, "plain".</summary>
    [JsonPropertyName("s")] public required string Subtype { get; init; }
    /// <summary>Content-Type parameters in order, names lower case, values decoded (RFC 2231); at most 50. Null when there are none.</summary>
    [JsonPropertyName("p")] public IReadOnlyList<PartParameter>? Parameters { get; init; }
    /// <summary>Content-ID as written, with angle brackets.</summary>
    [JsonPropertyName("i")] public string? ContentId { get; init; }
    [JsonPropertyName("d")] public string? Description { get; init; }
    /// <summary>Content-Transfer-Encoding, lower case; "7bit" when missing.</summary>
    [JsonPropertyName("e")] public string Encoding { get; init; } = "7bit";
    /// <summary>Lower case: "attachment", "inline"; null when the header is missing.</summary>
    [JsonPropertyName("o")] public string? Disposition { get; init; }
    [JsonPropertyName("q")] public IReadOnlyList<PartParameter>? DispositionParameters { get; init; }
    [JsonPropertyName("l")] public IReadOnlyList<string>? Languages { get; init; }
    [JsonPropertyName("u")] public string? Location { get; init; }
    [JsonPropertyName("m")] public string? Md5 { get; init; }

    /// <summary>Where this part's own header block starts (0 for the message itself).</summary>
    [JsonPropertyName("a")] public int HeaderOffset { get; init; }
    /// <summary>Where its body starts: just behind the blank line.</summary>
    [JsonPropertyName("b")] public int BodyOffset { get; init; }
    /// <summary>Octets of its body, still encoded, without the CRLF that belongs to the next boundary.</summary>
    [JsonPropertyName("n")] public int BodySize { get; init; }
    /// <summary>Octets of its body once decoded, where an encoding changes it; null for none, and from releases that did not count.</summary>
    [JsonPropertyName("z")] public int? DecodedSize { get; init; }
    /// <summary>Lines of the body, for text/* and message/rfc822.</summary>
    [JsonPropertyName("k")] public int Lines { get; init; }

    /// <summary>Children of a multipart; empty for anything else.</summary>
    [JsonPropertyName("c")] public IReadOnlyList<BodyPart>? Parts { get; init; }
    /// <summary>message/rfc822 and message/global: the message inside, whose HeaderOffset is this part's BodyOffset.</summary>
    [JsonPropertyName("w")] public BodyPart? Message { get; init; }
    /// <summary>Envelope of <see cref="Message"/>.</summary>
    [JsonPropertyName("v")] public MessageEnvelope? MessageEnvelope { get; init; }

    [JsonIgnore] public bool IsMultipart => Type == "multipart";

    /// <summary>File name of the part: disposition's filename, else Content-Type's name.</summary>
    [JsonIgnore]
    public string? FileName =>
        DispositionParameters?.FirstOrDefault(p => p.Name == "filename")?.Value ?? Parameters?.FirstOrDefault(p => p.Name == "name")?.Value;

    [JsonIgnore] public string? Charset => Parameters?.FirstOrDefault(p => p.Name == "charset")?.Value;
}

public sealed record PartParameter(
    [property: JsonPropertyName("n")] string Name,
    [property: JsonPropertyName("v")] string Value);

/// <summary>The JSON forms that <see cref="MessageContent"/> stores.</summary>
/// <remarks>Deep enough for <see cref="ParseLimits.MaxDepth"/>: each level of parts is an object in an array.</remarks>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, MaxDepth = 512)]
[JsonSerializable(typeof(MessageEnvelope))]
[JsonSerializable(typeof(BodyPart))]
public sealed partial class MessageJson : JsonSerializerContext;
