namespace SaaS.Domain.Messages;

/// <summary>All that delivery learns from the bytes of a message.</summary>
public sealed record ParsedMessage
{
    public required MessageEnvelope Envelope { get; init; }
    public required BodyPart Structure { get; init; }
    /// <summary>At most 256 characters of the text, white space folded.</summary>
    public required string Preview { get; init; }
    public bool HasAttachment { get; init; }
    /// <summary>Octets of the header block, blank line included.</summary>
    public int HeaderSize { get; init; }
    /// <summary>Octets of the whole message.</summary>
    public int Size { get; init; }
    public DateTimeOffset? SentAt { get; init; }
    /// <summary>Number of Received headers: loops end by it.</summary>
    public int ReceivedCount { get; init; }
    /// <summary>Subject without reply and forward marks and list tags (RFC 5256 §2.1).</summary>
    public required string BaseSubject { get; init; }
    /// <summary>True where a limit (parts, depth, header octets, parameters) cut the parse short: the rest is shown as one opaque part.</summary>
    public bool Truncated { get; init; }
}
