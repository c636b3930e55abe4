namespace SaaS.Domain.Messages;

/// <summary>Limits of one parse; the defaults are what a stranger's message may cost.</summary>
public sealed record ParseLimits
{
    public int MaxParts { get; init; } = 1000;
    public int MaxDepth { get; init; } = 100;
    /// <summary>Octets of one header block.</summary>
    public int MaxHeaderBytes { get; init; } = 10 * 1024 * 1024;
    /// <summary>Octets of all header blocks together.</summary>
    public int MaxAllHeaderBytes { get; init; } = 50 * 1024 * 1024;
    public int MaxAddresses { get; init; } = 10_000;
    public int MaxParameters { get; init; } = 50;
}

/// <summary>Reads a message once, bounded. Never throws for what a message contains: what cannot be understood is shown as best it can be.</summary>
public static class MessageParser
{
    public static ParsedMessage Parse(MessageBytes message, ParseLimits? limits = null) => throw new NotImplementedException();

    public static ParsedMessage Parse(ReadOnlyMemory<byte> message, ParseLimits? limits = null) => throw new NotImplementedException();

    /// <summary>The text to index: decoded text parts (HTML stripped), at most <paramref name="maxChars"/> characters, no NUL.</summary>
    public static string ExtractText(Stream raw, BodyPart structure, int maxChars) => throw new NotImplementedException();
}
