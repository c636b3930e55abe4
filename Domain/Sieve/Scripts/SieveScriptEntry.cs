using SaaS.Domain.Common;

namespace SaaS.Domain.Sieve.Scripts;

/// <summary>A script as its owner stored it. At most one of an account is active.</summary>
public sealed class SieveScriptEntry
{
    public AccountId AccountId { get; set; }
    /// <summary>The modseq at which it was made.</summary>
    public long Id { get; set; }
    public required string Name { get; set; }
    /// <summary>As uploaded, UTF-8.</summary>
    public required string Content { get; set; }
    public int Size { get; set; }
    public bool Active { get; set; }
    /// <summary>Modseq of the last change: names the version of the content.</summary>
    public long ModSeq { get; set; }
    public DateTimeOffset ChangedAt { get; set; }
}

/// <summary>The response that an owner switches on without writing a script (RFC 8621 §8).</summary>
public sealed class VacationResponse
{
    public AccountId AccountId { get; set; }
    public bool Enabled { get; set; }
    public DateTimeOffset? FromDate { get; set; }
    public DateTimeOffset? ToDate { get; set; }
    public string? Subject { get; set; }
    public string? TextBody { get; set; }
    public string? HtmlBody { get; set; }
    public long ModSeq { get; set; }
}

public enum SieveMemoryKind : short
{
    /// <summary>A response went to somebody.</summary>
    Vacation = 0,
    /// <summary>An id of the test <c>duplicate</c>.</summary>
    Duplicate = 1,
    /// <summary>The owner was told of an error.</summary>
    Failure = 2,
}

/// <summary>Something that was done, so that it is not done again too soon.</summary>
public sealed class SieveMemory
{
    public AccountId AccountId { get; set; }
    public SieveMemoryKind Kind { get; set; }
    /// <summary>First 16 octets of a SHA-256.</summary>
    public required byte[] Key { get; set; }
    public DateTimeOffset ExpiresAt { get; set; }
}
