using System.Globalization;
using System.Text;
using SaaS.Domain.Common;
using SaaS.Domain.LegacyPlatforms;
using SaaS.Domain.Queue;
using SaaS.MailHost.AccessProxy;
using SaaS.MailHost.Relay.Client;

namespace SaaS.MailHost.Relay;

/// <summary>
/// Gives mail to the legacy platform that its recipients are still at home on, by LMTP or SMTP, message after message over one connection. The
/// recipient is the account's own address there, whatever alias led to it.
/// </summary>
/// <remarks>RFC 5321 §3.3, LMTP RFC 2033 §4.</remarks>
internal sealed class LegacyDelivery(
    LegacyPlatformId id, LegacyDirectory directory, LegacyConnector connector, OutboundQueue queue, RelayOptions options, TimeProvider clock) : IAsyncDisposable
{
    private LegacyConnection? _connection;
    private Dictionary<string, string[]> _extensions = [];

    /// <summary>An attempt for each recipient; and whether the platform could not be reached at all.</summary>
    public async Task<(IReadOnlyList<Attempt> Attempts, bool Unreachable)> SendAsync(
        LeasedMessage message, LeasedRecipient[] recipients, OutgoingMessage content, Func<bool> mayCommit, CancellationToken ct)
    {
        if (await directory.FindAsync(id, ct) is not { Endpoints.Delivery: { } endpoint } platform)
        {
            return (All(recipients, AttemptResult.Deferred, "4.3.5 The account's platform has no host for mail.", null), true);
        }

        // A connection that waited may have been closed meanwhile; that is no attempt.
        for (var fresh = _connection is null; ; fresh = true)
        {
            var committed = false;
            try
            {
                _connection ??= await OpenAsync(platform, endpoint, ct);
                return (await TransactAsync(_connection, platform.Endpoints.DeliveryByLmtp, message, recipients, content, mayCommit, () => committed = true, ct), false);
            }
            catch (LegacyException e)
            {
                var remote = _connection?.RemoteName ?? endpoint.Host;
                await CloseAsync();
                if (committed)
                {
                    return (All(recipients, AttemptResult.Deferred, $"4.4.2 {e.Message} The message may have been taken.", remote), false);
                }

                if (fresh)
                {
                    return (All(recipients, AttemptResult.Deferred, $"4.4.1 {e.Message}", remote), true);
                }
            }
            catch
            {
                await CloseAsync();
                throw;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            try
            {
                await TimedAsync(t => connection.SendAsync("QUIT\r\n", t).AsTask(), TimeSpan.FromSeconds(2), CancellationToken.None);
            }
            catch (LegacyException)
            {
                // Gone already.
            }

            await CloseAsync();
        }
    }

    private async Task<LegacyConnection> OpenAsync(LegacyPlatform platform, LegacyEndpoint endpoint, CancellationToken ct)
    {
        var connection = await connector.OpenAsync(platform, endpoint, null, ct);
        try
        {
            await TimedAsync(async t =>
            {
                var hello = platform.Endpoints.DeliveryByLmtp ? "LHLO" : "EHLO";
                var greeting = await SubmissionLogin.ReadAsync(connection, t);
                if (greeting.Code != 220)
                {
                    throw LegacyException.Unavailable($"Greeting: {greeting}");
                }

                _extensions = await SubmissionLogin.HelloAsync(connection, options.HostName, t, hello);
                if (endpoint.Tls == LegacyTls.StartTls)
                {
                    if (!_extensions.ContainsKey("STARTTLS") || (await SubmissionLogin.AskAsync(connection, "STARTTLS", t)).Code != 220)
                    {
                        throw LegacyException.Unavailable("It offers no STARTTLS.");
                    }

                    await connection.StartTlsAsync(t);
                    _extensions = await SubmissionLogin.HelloAsync(connection, options.HostName, t, hello);
                }
            }, options.GreetingTimeout, ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task<IReadOnlyList<Attempt>> TransactAsync(
        LegacyConnection c, bool lmtp, LeasedMessage message, LeasedRecipient[] recipients, OutgoingMessage content, Func<bool> mayCommit,
        Action onCommit, CancellationToken ct)
    {
        var addresses = await AddressesAsync(recipients, ct);
        var utf8 = content.Utf8Header || message.ReversePath?.NeedsSmtpUtf8 == true || !Array.TrueForAll(addresses, a => Ascii.IsValid(a));
        if (utf8 && !_extensions.ContainsKey("SMTPUTF8"))
        {
            return All(recipients, AttemptResult.Failed, "5.6.7 The account's platform does not take internationalized addresses or headers.", c.RemoteName);
        }

        var mail = await AskAsync(c, MailLine(message, content, utf8), options.CommandTimeout, ct);
        if (!mail.Positive)
        {
            return All(recipients, mail.Permanent ? AttemptResult.Failed : AttemptResult.Deferred, mail.ToString(), c.RemoteName);
        }

        var replies = new LegacyReply[recipients.Length];
        var accepted = new List<int>();
        for (var i = 0; i < recipients.Length; i++)
        {
            replies[i] = await AskAsync(c, $"RCPT TO:<{addresses[i]}>", options.CommandTimeout, ct);
            if (replies[i].Positive)
            {
                accepted.Add(i);
            }
        }

        if (accepted.Count > 0)
        {
            if (!mayCommit())
            {
                throw new LeaseLostException();
            }

            var data = await AskAsync(c, "DATA", options.DataTimeout, ct);
            if (data.Code == 354)
            {
                await TimedAsync(t => WriteAsync(c, content, onCommit, t), options.FinalTimeout, ct);
            }

            // SMTP: one reply for all. LMTP: one for each recipient that was accepted (RFC 2033 §4.2).
            var granted = data.Code == 354;
            for (var i = 0; i < accepted.Count; i++)
            {
                data = granted && (lmtp || i == 0) ? await ReadAsync(c, options.FinalTimeout, ct) : data;
                replies[accepted[i]] = data;
            }
        }

        if (accepted.Count == 0)
        {
            await AskAsync(c, "RSET", options.CommandTimeout, ct);
        }

        return [.. recipients.Select((r, i) => new Attempt(
            r, replies[i].Code is >= 200 and < 300 ? AttemptResult.Delivered : replies[i].Permanent ? AttemptResult.Failed : AttemptResult.Deferred,
            replies[i].ToString(), c.RemoteName))];
    }

    // The address that was written where it is the account's own, with its detail; the account's own where an alias led there.
    private async Task<string[]> AddressesAsync(LeasedRecipient[] recipients, CancellationToken ct)
    {
        var own = await queue.AddressesAsync([.. recipients.Select(r => r.Account!.Value)], ct);
        return [.. recipients.Select(r =>
        {
            if (!own.TryGetValue(r.Account!.Value, out var account))
            {
                return r.Recipient;
            }

            return MailAddress.TryParse(r.Recipient, out var written) && written.Domain == account.Domain
                && (written.LocalKey == account.LocalKey || written.LocalKey.StartsWith(account.LocalKey + "+", StringComparison.Ordinal))
                    ? written.ToString()
                    : account.ToString();
        })];
    }

    private string MailLine(LeasedMessage message, OutgoingMessage content, bool utf8)
    {
        var line = new StringBuilder($"MAIL FROM:<{message.ReversePath}>");
        if (_extensions.ContainsKey("SIZE"))
        {
            line.Append(CultureInfo.InvariantCulture, $" SIZE={content.Length}");
        }

        if (content.Has8Bit && _extensions.ContainsKey("8BITMIME"))
        {
            line.Append(" BODY=8BITMIME");
        }

        return line.Append(utf8 ? " SMTPUTF8" : "").ToString();
    }

    // RFC 5321 §4.5.2
    private static async Task WriteAsync(LegacyConnection c, OutgoingMessage content, Action onCommit, CancellationToken ct)
    {
        try
        {
            await using var source = content.Bytes.OpenRead();
            var block = new byte[32 * 1024];
            var stuffed = new byte[block.Length * 2];
            var lineStart = true;
            for (int n; (n = await source.ReadAsync(block, ct)) > 0;)
            {
                var length = 0;
                foreach (var b in block.AsSpan(0, n))
                {
                    if (lineStart && b == '.')
                    {
                        stuffed[length++] = (byte)'.';
                    }

                    stuffed[length++] = b;
                    lineStart = b == '\n';
                }

                await c.Stream.WriteAsync(stuffed.AsMemory(0, length), ct);
            }

            onCommit();
            await c.SendAsync(".\r\n", ct);
        }
        catch (IOException e)
        {
            throw LegacyException.Unavailable("The connection was lost.", e);
        }
    }

    private async Task<LegacyReply> AskAsync(LegacyConnection c, string line, TimeSpan timeout, CancellationToken ct)
    {
        await TimedAsync(t => c.SendAsync(line + "\r\n", t).AsTask(), timeout, ct);
        return await ReadAsync(c, timeout, ct);
    }

    private async Task<LegacyReply> ReadAsync(LegacyConnection c, TimeSpan timeout, CancellationToken ct)
    {
        LegacyReply? reply = null;
        await TimedAsync(async t => reply = await SubmissionLogin.ReadAsync(c, t), timeout, ct);
        return reply!.Code == 421 ? throw LegacyException.Unavailable(reply.ToString()) : reply;
    }

    private async Task TimedAsync(Func<CancellationToken, Task> work, TimeSpan timeout, CancellationToken ct)
    {
        using var timer = new CancellationTokenSource(timeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, ct);
        try
        {
            await work(both.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw LegacyException.Unavailable("It took too long.");
        }
    }

    private async Task CloseAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }

    private static Attempt[] All(LeasedRecipient[] recipients, AttemptResult result, string reply, string? remote) =>
        [.. recipients.Select(r => new Attempt(r, result, reply, remote))];
}
