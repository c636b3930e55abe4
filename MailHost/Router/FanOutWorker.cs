using System.Collections.Concurrent;
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using SaaS.Domain.Queue;

namespace SaaS.MailHost.Router;

/// <summary>
/// Takes messages for accounts here out of the queue and stores them, each account in its own transaction. The recipient row's id is
/// the delivery key, so doing it again after a crash stores nothing twice. Runs on every node through which mail enters.
/// </summary>
internal sealed partial class FanOutWorker(
    OutboundQueue queue, Settlement settlement, LocalDelivery delivery, IChangeFeed feed, QueueOptions queueOptions, RouterOptions options,
    TimeProvider clock, ILogger<FanOutWorker> log) : BackgroundService
{
    private const int Batch = 200;
    private const string Trouble = "4.3.0 Trouble in the mail system.";
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TakeBackEvery = TimeSpan.FromSeconds(10);

    private readonly string _owner = $"{Environment.MachineName}:{Environment.ProcessId}:{Guid.NewGuid():N}:fanout";
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly SemaphoreSlim _stores = new(options.FanOutConcurrency);
    private readonly ConcurrentQueue<(LeasedMessage Message, IReadOnlyList<Attempt> Attempts, DateTimeOffset Until)> _unsettled = new();
    private long _takenBack;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var subscription = feed.OnWake(OutboundQueue.Topic, Wake);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (_takenBack == 0 || clock.GetElapsedTime(_takenBack) >= TakeBackEvery)
                {
                    await queue.TakeBackAsync(stoppingToken);
                    _takenBack = clock.GetTimestamp();
                }

                while (await RunBatchAsync(stoppingToken))
                {
                }

                await _wake.WaitAsync(Poll, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
            }
            catch (Exception e)
            {
                LogFault(log, e);
                await Task.Delay(TimeSpan.FromSeconds(1), clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>One batch of due recipients; true when there may be more.</summary>
    internal async Task<bool> RunBatchAsync(CancellationToken ct)
    {
        await SettleRestAsync(ct);
        var until = clock.GetUtcNow() + queueOptions.Lease;
        var messages = await queue.LeaseAsync("", Batch, Batch, _owner, queueOptions.Lease, ct);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.FanOutConcurrency, CancellationToken = ct };
        await Parallel.ForEachAsync(messages, parallel, async (message, token) =>
        {
            var attempts = message.Recipients.Select(r => new Attempt(r, AttemptResult.Deferred, Trouble, Fault: true)).ToArray();
            try
            {
                await DeliverAsync(message, attempts, token);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // What came of it is written as soon as the database takes it, if that is within the lease; the others go on.
                _unsettled.Enqueue((message, attempts, until));
                LogFault(log, e);
            }
        });
        return messages.Count > 0;
    }

    /// <summary>One try for each outcome that could not be written; behind its lease it is left to whoever takes the recipients next.</summary>
    private async Task SettleRestAsync(CancellationToken ct)
    {
        for (var left = _unsettled.Count; left > 0 && _unsettled.TryDequeue(out var rest); left--)
        {
            if (rest.Until <= clock.GetUtcNow())
            {
                continue;
            }

            try
            {
                await settlement.SettleAsync(rest.Message, _owner, rest.Attempts, original: null, ct);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                _unsettled.Enqueue(rest);
                LogFault(log, e);
            }
        }
    }

    private async Task DeliverAsync(LeasedMessage message, Attempt[] attempts, CancellationToken ct)
    {
        await using var bytes = await queue.LoadAsync(message.Id, ct);
        if (bytes is null)
        {
            return;
        }

        var parsed = MessageParser.Parse(bytes);
        var numbered = message.Recipients.Select((r, i) => (r, i));
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.FanOutConcurrency, CancellationToken = ct };
        await Parallel.ForEachAsync(numbered, parallel, async (item, token) =>
            attempts[item.i] = await DeliverAsync(message, item.r, bytes, parsed, token));
        await settlement.SettleAsync(message, _owner, attempts, bytes, ct);
    }

    private async Task<Attempt> DeliverAsync(
        LeasedMessage message, LeasedRecipient recipient, MessageBytes bytes, ParsedMessage parsed, CancellationToken ct)
    {
        if (recipient.GivenUp)
        {
            return new Attempt(recipient, AttemptResult.Failed, OutboundQueue.BouncedByHand);
        }

        if (recipient.AccountTenant is not { } tenant)
        {
            return new Attempt(recipient, AttemptResult.Failed, "5.1.1 No such mailbox here.");
        }

        if (recipient.AccountSuspended)
        {
            return new Attempt(recipient, AttemptResult.Deferred, "4.2.1 The mailbox is not in use at present.");
        }

        // Whether of one message or of several.
        await _stores.WaitAsync(ct);
        try
        {
            var stored = await delivery.DeliverAsync(new LocalMessage
            {
                Account = recipient.Account!.Value,
                Tenant = tenant,
                Recipient = MailAddress.Parse(recipient.Recipient),
                ReversePath = message.ReversePath,
                Message = bytes,
                Parsed = parsed,
                DeliveryKey = recipient.Id,
                OriginalRecipient = recipient.OriginalRecipient,
                EnvelopeId = message.EnvelopeId,
                SmtpUtf8 = message.SmtpUtf8,
                EightBit = message.EightBit,
            }, ct);
            return stored.Refusal switch
            {
                null => new Attempt(recipient, AttemptResult.Delivered, "2.0.0 Delivered."),
                { Reason: RefusalReason.OverQuota } => new Attempt(recipient, AttemptResult.Deferred, "4.2.2 The mailbox is full."),
                { Reason: RefusalReason.NotFound } => new Attempt(recipient, AttemptResult.Failed, "5.1.1 No such mailbox here."),
                { Reason: RefusalReason.Forbidden } refused => new Attempt(recipient, AttemptResult.Failed, $"5.7.1 {refused.Text}"),
                { Reason: RefusalReason.TooLarge } => new Attempt(recipient, AttemptResult.Failed, "5.3.4 The message is too large."),
                var other => new Attempt(recipient, AttemptResult.Deferred, $"4.3.0 {other.Text}", Fault: true),
            };
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogRecipientFault(log, e, recipient.Id);
            return new Attempt(recipient, AttemptResult.Deferred, Trouble, Fault: true);
        }
        finally
        {
            _stores.Release();
        }
    }

    private void Wake()
    {
        try
        {
            if (_wake.CurrentCount == 0)
            {
                _wake.Release();
            }
        }
        catch (SemaphoreFullException)
        {
            // Somebody else woke it at the same moment.
        }
    }

    public override void Dispose()
    {
        _wake.Dispose();
        _stores.Dispose();
        base.Dispose();
    }

    // Next free id: 3003
    [LoggerMessage(3001, LogLevel.Error, "The fan-out of queued mail failed; it goes on in a second")]
    private static partial void LogFault(ILogger log, Exception e);

    [LoggerMessage(3002, LogLevel.Error, "Queue recipient {Recipient} could not be stored; it is tried again")]
    private static partial void LogRecipientFault(ILogger log, Exception e, long recipient);
}
