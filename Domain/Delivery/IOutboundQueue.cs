using SaaS.Domain.Common;
using SaaS.Domain.Messages;

namespace SaaS.Domain.Delivery;

/// <summary>NOTIFY of RFC 3461 §4.1.</summary>
[Flags]
public enum DsnNotify : short
{
    /// <summary>Not given: failure and delay.</summary>
    Default = 0,
    Never = 1,
    Success = 2,
    Failure = 4,
    Delay = 8,
}

/// <summary>A recipient of a message to be queued: outside, or an account that the message is fanned out to, with the legacy platform
/// that it is at home on for all that is known now (the worker that takes it looks again).</summary>
/// <param name="Junk">Into the account's Junk, unless its filter says otherwise.</param>
public sealed record EnqueueRecipient(
    MailAddress Recipient, AccountId? Account = null, string? OriginalRecipient = null, DsnNotify Notify = DsnNotify.Default,
    bool Junk = false, LegacyPlatformId? Home = null);

/// <summary>A message for the queue, committed with all of its recipients or not at all.</summary>
public sealed record EnqueueRequest
{
    public TenantId? Tenant { get; init; }
    public AccountId? Account { get; init; }
    /// <summary>Null: the null reverse-path.</summary>
    public required MailAddress? ReversePath { get; init; }
    public string? EnvelopeId { get; init; }
    public bool ReturnFull { get; init; }
    public bool SmtpUtf8 { get; init; }
    public bool EightBit { get; init; }
    public required MessageBytes Message { get; init; }
    /// <summary>Header lines, each ending in CRLF, in front of the message.</summary>
    public ReadOnlyMemory<byte> Prepend { get; init; }
    public required IReadOnlyList<EnqueueRecipient> Recipients { get; init; }
    public string? MessageIdHeader { get; init; }
    public string? Subject { get; init; }
}

/// <summary>The way out. Returned means committed.</summary>
public interface IOutboundQueue
{
    Task<long> EnqueueAsync(EnqueueRequest request, CancellationToken ct);
}
