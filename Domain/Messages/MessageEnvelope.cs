using System.Text.Json.Serialization;

namespace SaaS.Domain.Messages;

/// <summary>One address of a header. A group's start has Group set and no address; its end has neither (RFC 9051 §7.5.2).</summary>
/// <param name="Name">Display name, decoded; null when there is none.</param>
/// <param name="Local">Local-part; null at a group's start and end.</param>
/// <param name="Host">Domain as written; null at a group's start and end, "" when missing.</param>
/// <param name="Group">Name of the group that starts here.</param>
public sealed record HeaderAddress(
    [property: JsonPropertyName("n")] string? Name,
    [property: JsonPropertyName("l")] string? Local,
    [property: JsonPropertyName("h")] string? Host,
    [property: JsonPropertyName("g")] string? Group = null)
{
    [JsonIgnore]
    public string? Email => Local is null ? null : string.IsNullOrEmpty(Host) ? Local : $"{Local}@{Host}";
}

/// <summary>What ENVELOPE (RFC 9051 §7.5.2) and the message lists show: parsed once at delivery, decoded to Unicode. Not the SMTP envelope.</summary>
public sealed record MessageEnvelope
{
    /// <summary>Date header as written, unfolded.</summary>
    [JsonPropertyName("d")] public string? Date { get; init; }
    [JsonPropertyName("s")] public string? Subject { get; init; }
    [JsonPropertyName("f")] public IReadOnlyList<HeaderAddress>? From { get; init; }
    /// <summary>Null when the header is missing: ENVELOPE then shows From.</summary>
    [JsonPropertyName("e")] public IReadOnlyList<HeaderAddress>? Sender { get; init; }
    /// <summary>Null when the header is missing: ENVELOPE then shows From.</summary>
    [JsonPropertyName("r")] public IReadOnlyList<HeaderAddress>? ReplyTo { get; init; }
    [JsonPropertyName("t")] public IReadOnlyList<HeaderAddress>? To { get; init; }
    [JsonPropertyName("c")] public IReadOnlyList<HeaderAddress>? Cc { get; init; }
    [JsonPropertyName("b")] public IReadOnlyList<HeaderAddress>? Bcc { get; init; }
    /// <summary>In-Reply-To as written, unfolded.</summary>
    [JsonPropertyName("i")] public string? InReplyTo { get; init; }
    /// <summary>Message-ID as written, with its angle brackets.</summary>
    [JsonPropertyName("m")] public string? MessageId { get; init; }
    /// <summary>References: the ids in order, with angle brackets; the last 100 at most.</summary>
    [JsonPropertyName("x")] public IReadOnlyList<string>? References { get; init; }
}
