using SaaS.Domain.Queue;
using SaaS.MailHost.Relay.Client;

namespace SaaS.MailHost.Relay;

/// <summary>One sender's connection to a destination: opened when needed, host after host; used again while it lasts.</summary>
internal sealed class SendingSession(Destination destination, MxLookup lookup, RelayOptions options, TimeProvider clock) : IAsyncDisposable
{
    private SmtpConnection? _connection;

    /// <summary>An attempt for each recipient; and whether no host could be reached at all.</summary>
    public async Task<(IReadOnlyList<Attempt> Attempts, bool Unreachable)> SendAsync(
        LeasedMessage message, LeasedRecipient[] recipients, OutgoingMessage content, Func<bool> mayCommit, CancellationToken ct)
    {
        // A connection that waited may have been closed meanwhile; that is no attempt at the destination.
        if (await ReuseAsync() is { } reused)
        {
            var (attempts, lost) = await TransactAsync(reused, message, recipients, content, mayCommit, ct);
            if (lost is null)
            {
                return (attempts!, false);
            }
        }

        var name = destination.Name == OutboundQueue.Anywhere ? recipients[0].Recipient[(recipients[0].Recipient.LastIndexOf('@') + 1)..] : destination.Name;
        var found = await lookup.FindAsync(name, ct);
        if (found.Targets.Count == 0)
        {
            return (All(recipients, found.Permanent ? AttemptResult.Failed : AttemptResult.Deferred, found.Failure!, null), !found.Permanent);
        }

        var failure = new Attempt(recipients[0], AttemptResult.Deferred, "4.4.1 No host of the destination answers.");
        foreach (var target in found.Targets.Take(options.MaxHosts))
        {
            var remote = $"{target.Host} [{target.Address}]";
            try
            {
                _connection = await OpenAsync(target, ct);
            }
            catch (RefusedByRemoteException e)
            {
                failure = new Attempt(recipients[0], e.Reply.Permanent ? AttemptResult.Failed : AttemptResult.Deferred, e.Reply.ToString(), remote);
                continue;
            }
            catch (RemoteConnectionException e)
            {
                failure = new Attempt(recipients[0], AttemptResult.Deferred, $"4.4.1 {e.Message}", remote);
                continue;
            }

            var (attempts, lost) = await TransactAsync(_connection, message, recipients, content, mayCommit, ct);
            if (lost is null)
            {
                return (attempts!, false);
            }

            failure = new Attempt(recipients[0], AttemptResult.Deferred, $"4.4.2 {lost}", remote);
        }

        return (All(recipients, failure.Result, failure.Reply, failure.RemoteHost), failure.Result == AttemptResult.Deferred);
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { Broken: false } usable && usable.Messages < options.MaxMessagesPerConnection)
        {
            destination.Keep(usable, clock);
        }
        else if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        _connection = null;
    }

    private async Task<SmtpConnection?> ReuseAsync()
    {
        while (true)
        {
            _connection ??= destination.TakeIdle();
            if (_connection is null || (!_connection.Broken && _connection.Messages < options.MaxMessagesPerConnection))
            {
                return _connection;
            }

            await _connection.DisposeAsync();
            _connection = null;
        }
    }

    private async Task<SmtpConnection> OpenAsync(RelayTarget target, CancellationToken ct)
    {
        try
        {
            return await SmtpConnection.OpenAsync(target, encrypt: true, options, clock, ct);
        }
        catch (TlsFailedException)
        {
            return await SmtpConnection.OpenAsync(target, encrypt: false, options, clock, ct);
        }
    }

    // Either attempts, or why the connection was lost before the message can have been taken.
    private async Task<(IReadOnlyList<Attempt>? Attempts, string? Lost)> TransactAsync(
        SmtpConnection connection, LeasedMessage message, LeasedRecipient[] recipients, OutgoingMessage content, Func<bool> mayCommit, CancellationToken ct)
    {
        var transaction = new SmtpTransaction(connection, options);
        try
        {
            return (await transaction.RunAsync(message, recipients, content, mayCommit, ct), null);
        }
        catch (RemoteConnectionException e)
        {
            await connection.DisposeAsync();
            _connection = null;
            return transaction.Committed
                ? (All(recipients, AttemptResult.Deferred, $"4.4.2 {e.Message} The message may have been taken.", connection.RemoteName), null)
                : (null, e.Message);
        }
    }

    private static Attempt[] All(LeasedRecipient[] recipients, AttemptResult result, string reply, string? remote) =>
        [.. recipients.Select(r => new Attempt(r, result, reply, remote))];
}
