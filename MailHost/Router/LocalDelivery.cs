using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.Domain.Messages;
using SaaS.MailHost.Router.Filters;

namespace SaaS.MailHost.Router;

/// <summary>A message on its way into one account.</summary>
internal sealed record LocalMessage
{
    public required AccountId Account { get; init; }
    public required TenantId Tenant { get; init; }
    public required MailAddress Recipient { get; init; }
    public required MailAddress? ReversePath { get; init; }
    public required MessageBytes Message { get; init; }
    public ParsedMessage? Parsed { get; init; }
    /// <summary>Header lines of this hop, without Return-Path and Delivered-To.</summary>
    public ReadOnlyMemory<byte> Trace { get; init; }
    public long? DeliveryKey { get; init; }
    public string? OriginalRecipient { get; init; }
    public string? EnvelopeId { get; init; }
    public bool SmtpUtf8 { get; init; }
    public bool EightBit { get; init; }

    public byte[] Prepend => DeliveryHeaders.For(ReversePath, Recipient.ToString(), Trace.Span);
}

/// <summary>
/// The last step into an account, from wherever the message comes: through its owner's filters where there are some, else straight into the
/// inbox. Which it is costs no question: the store refuses a delivery that was made against another version of the filters than stands.
/// </summary>
internal sealed class LocalDelivery(MessageStore store, FilterCache filters, FilteredDelivery filtered)
{
    private const int MaxTries = 5;

    /// <summary>The account's home is elsewhere since a moment ago: the queue finds its way there.</summary>
    public static readonly Refusal Elsewhere = new(RefusalReason.TemporarilyUnavailable, "The mailbox has just moved.");

    /// <summary>Null where the owner's filter threw the message away. Refusals: those of the store; Forbidden where the filter rejects.</summary>
    public async Task<Outcome<StoredMessage?>> DeliverAsync(LocalMessage message, CancellationToken ct)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (filters.Known(message.Account) is { } filter)
            {
                var outcome = await filtered.DeliverAsync(filter, message, ct);
                if (outcome.Refusal is not { Reason: RefusalReason.Conflict })
                {
                    return outcome;
                }
            }
            else
            {
                var stored = await store.StoreAsync(new StoreRequest
                {
                    Account = message.Account,
                    Tenant = message.Tenant,
                    Message = message.Message,
                    Parsed = message.Parsed,
                    Prepend = message.Prepend,
                    DeliveryKey = message.DeliveryKey,
                    SieveVersion = 0,
                }, ct);
                if (stored.Refusal is not { Reason: RefusalReason.Conflict })
                {
                    return stored.Ok ? stored.Value : stored.Refusal;
                }
            }

            if (!await filters.LoadAsync(message.Account, ct))
            {
                return Elsewhere;
            }
        }

        return new Refusal(RefusalReason.TemporarilyUnavailable, "The mailbox's filters are being changed.");
    }
}
