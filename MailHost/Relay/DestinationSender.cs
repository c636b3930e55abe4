using System.Collections.Concurrent;
using SaaS.Domain.LegacyPlatforms;
using SaaS.Domain.Queue;
using SaaS.MailHost.AccessProxy;
using SaaS.MailHost.Relay.Client;
using SaaS.MailHost.Relay.Signing;

namespace SaaS.MailHost.Relay;

/// <summary>Sends what is due for one destination over one connection, message after message, until nothing is left.</summary>
internal sealed class DestinationSender(
    OutboundQueue queue, Settlement settlement, MxLookup lookup, LegacyConnector legacy, LegacyDirectory legacyPlatforms, MessageSigner signer, RelayMetrics metrics, QueueOptions queueOptions,
    RelayOptions options, TimeProvider clock, ILogger<DestinationSender> log)
{
    private const int Rows = 10;

    private readonly string _node = $"{Environment.MachineName}:{Environment.ProcessId}:{Guid.NewGuid():N}";
    private readonly ConcurrentDictionary<QueueLease, byte> _leases = new();
    private long _number;

    public async Task RunAsync(Destination destination, Action more, CancellationToken stopping, CancellationToken abort)
    {
        await using var session = new SendingSession(destination, lookup, options, clock);
        var platform = LegacyDestination.Parse(destination.Name);
        await using var elsewhere = platform is { } id ? new LegacyDelivery(id, legacyPlatforms, legacy, queue, options, clock) : null;
        while (!stopping.IsCancellationRequested && !destination.Rests(clock))
        {
            var owner = $"{_node}:{Interlocked.Increment(ref _number)}";
            var until = clock.GetUtcNow() + queueOptions.Lease;
            var messages = await queue.LeaseAsync(destination.Name, Rows, Rows * options.MaxRecipientsPerTransaction, owner, queueOptions.Lease, stopping);
            if (messages.Count == 0)
            {
                return;
            }

            if (messages.Count >= Rows)
            {
                more();
            }

            if (platform is not null)
            {
                messages = await queue.SendHomeAsync(messages, platform, owner, stopping);
            }

            var lease = new QueueLease(owner, until, messages.SelectMany(m => m.Recipients).Select(r => r.Id));
            _leases.TryAdd(lease, 0);
            try
            {
                await SendAsync(messages, lease, session, elsewhere, destination, stopping, abort);
            }
            finally
            {
                _leases.TryRemove(lease, out _);
            }
        }
    }

    public async Task RenewLeasesAsync(CancellationToken ct)
    {
        foreach (var lease in _leases.Keys)
        {
            var until = clock.GetUtcNow() + queueOptions.Lease;
            if (lease.Holds(clock))
            {
                await queue.RenewAsync(lease.Recipients, lease.Owner, queueOptions.Lease, ct);
                lease.Extend(until);
            }
        }
    }

    public async Task CloseIdleAsync(IEnumerable<Destination> destinations)
    {
        foreach (var destination in destinations)
        {
            await destination.CloseIdleAsync(options.KeepIdle, clock);
        }
    }

    private async Task SendAsync(
        IReadOnlyList<LeasedMessage> messages, QueueLease lease, SendingSession session, LegacyDelivery? elsewhere, Destination destination,
        CancellationToken stopping, CancellationToken abort)
    {
        for (var i = 0; i < messages.Count; i++)
        {
            var message = messages[i];
            if (stopping.IsCancellationRequested || !lease.Holds(clock))
            {
                await queue.ReturnAsync([.. messages.Skip(i).SelectMany(m => m.Recipients).Select(r => r.Id)], lease.Owner, CancellationToken.None);
                return;
            }

            foreach (var chunk in message.Recipients.Chunk(options.MaxRecipientsPerTransaction))
            {
                var (attempts, unreachable) = await TryAsync(message, chunk, lease, session, elsewhere, abort);
                await SettleAsync(message, lease, attempts, destination, abort);
                if (unreachable)
                {
                    destination.RestUntil(clock, options.RestAfterFailure);
                    var reason = attempts[^1];
                    var rest = message.Recipients.SkipWhile(r => r != chunk[^1]).Skip(1);
                    await DeferAsync(message, rest, reason, lease, destination, abort);
                    foreach (var other in messages.Skip(i + 1))
                    {
                        await DeferAsync(other, other.Recipients, reason, lease, destination, abort);
                    }

                    return;
                }
            }
        }
    }

    private Task DeferAsync(
        LeasedMessage message, IEnumerable<LeasedRecipient> recipients, Attempt reason, QueueLease lease, Destination destination, CancellationToken abort)
    {
        Attempt[] attempts = [.. recipients.Select(r => r.GivenUp
            ? new Attempt(r, AttemptResult.Failed, OutboundQueue.BouncedByHand)
            : reason with { Recipient = r })];
        return attempts.Length == 0 ? Task.CompletedTask : SettleAsync(message, lease, attempts, destination, abort);
    }

    private async Task<(IReadOnlyList<Attempt> Attempts, bool Unreachable)> TryAsync(
        LeasedMessage message, LeasedRecipient[] recipients, QueueLease lease, SendingSession session, LegacyDelivery? elsewhere, CancellationToken ct)
    {
        var givenUp = recipients.Where(r => r.GivenUp).Select(r => new Attempt(r, AttemptResult.Failed, OutboundQueue.BouncedByHand)).ToList();
        LeasedRecipient[] open = [.. recipients.Where(r => !r.GivenUp)];
        await using var bytes = await queue.LoadAsync(message.Id, ct);
        if (open.Length == 0 || bytes is null)
        {
            return (givenUp, false);
        }

        using var content = OutgoingMessage.Prepare(bytes);
        try
        {
            if (elsewhere is not null)
            {
                // Mail on its way into a mailbox: nothing is signed that was not.
                var (given, away) = await elsewhere.SendAsync(message, open, content, () => lease.Holds(clock), ct);
                return ([.. givenUp, .. given], away);
            }

            content.Prepend = await signer.SignAsync(message, content.Bytes, ct);
            var (attempts, unreachable) = await session.SendAsync(message, open, content, () => lease.Holds(clock), ct);
            return ([.. givenUp, .. attempts], unreachable);
        }
        catch (LeaseLostException)
        {
            return (givenUp, false);
        }
    }

    // What a remote has accepted must be written down: while the database is away, this waits for it.
    private async Task SettleAsync(
        LeasedMessage message, QueueLease lease, IReadOnlyList<Attempt> attempts, Destination destination, CancellationToken abort)
    {
        if (attempts.Count == 0)
        {
            return;
        }

        foreach (var a in attempts)
        {
            metrics.Attempted(a.Result);
            RelayLog.Attempted(log, message.Id, a.Recipient.Id, destination.Name, a.RemoteHost ?? "-", a.Result, a.Reply);
        }

        while (true)
        {
            try
            {
                await settlement.SettleAsync(message, lease.Owner, attempts, null, CancellationToken.None);
                return;
            }
            catch (Exception e) when (e is Npgsql.NpgsqlException or TimeoutException or IOException)
            {
                RelayLog.SettleFault(log, e, message.Id);
                await Task.Delay(TimeSpan.FromSeconds(1), clock, abort);
            }
        }
    }
}
