using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.Domain.Messages;

namespace SaaS.MailHost.Router;

/// <summary>One recipient of the SMTP envelope, as it was resolved at RCPT.</summary>
/// <param name="Junk">Policy puts it into Junk; the owner's filter may say otherwise.</param>
/// <param name="OriginalRecipient">ORCPT of RFC 3461 (addr-type;address, xtext decoded).</param>
internal sealed record HandoverRecipient(
    MailAddress Recipient, RouteDecision Decision, string? OriginalRecipient = null, DsnNotify Notify = DsnNotify.Default, bool Junk = false);

/// <summary>A message that is to be taken over, with its envelope.</summary>
internal sealed record HandoverRequest
{
    /// <summary>CRLF line ends, without what <see cref="Prepend"/> adds. Stays the caller's to dispose.</summary>
    public required MessageBytes Message { get; init; }
    /// <summary>Header lines of this hop, each ending in CRLF: Received, Authentication-Results. No Return-Path, no Delivered-To.</summary>
    public ReadOnlyMemory<byte> Prepend { get; init; }
    /// <summary>Null: the null reverse-path.</summary>
    public required MailAddress? ReversePath { get; init; }
    public required IReadOnlyList<HandoverRecipient> Recipients { get; init; }
    /// <summary>The authenticated account whose message it is; null from outside.</summary>
    public AccountId? Account { get; init; }
    /// <summary>Its tenant; null from outside.</summary>
    public TenantId? Tenant { get; init; }
    /// <summary>ENVID of RFC 3461, xtext decoded.</summary>
    public string? EnvelopeId { get; init; }
    /// <summary>RET=FULL.</summary>
    public bool ReturnFull { get; init; }
    /// <summary>MAIL had SMTPUTF8.</summary>
    public bool SmtpUtf8 { get; init; }
    /// <summary>MAIL had BODY=8BITMIME or BINARYMIME.</summary>
    public bool EightBit { get; init; }
}

/// <summary>What became of it. Without a refusal everything is committed.</summary>
/// <param name="Refusal">Why nothing of it was taken.</param>
/// <param name="Stored">The copy, where it went straight into one mailbox.</param>
/// <param name="QueueId">The queue's row, where it went there.</param>
internal sealed record HandoverResult(Refusal? Refusal, StoredMessage? Stored = null, long? QueueId = null)
{
    public bool Ok => Refusal is null;
}
