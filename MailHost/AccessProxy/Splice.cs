using System.Net.Sockets;
using SaaS.MailHost.Net;

namespace SaaS.MailHost.AccessProxy;

/// <summary>
/// Two connections made one. Octets go as they come, and no further ahead than the slower side takes them. While nothing passes no buffer is held.
/// </summary>
internal sealed class Splice(ClientConnection client, LegacyConnection legacy, TimeSpan idle, TimeSpan drainIdle, TimeProvider clock)
{
    private const int Block = 16 * 1024;

    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(10);

    private long _up;
    private long _down;

    /// <summary>Octets from the client.</summary>
    public long Up => _up;

    /// <summary>Octets to the client.</summary>
    public long Down => _down;

    public async Task RunAsync(CancellationToken ct)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Touch();
        var up = UpAsync(end.Token);
        var down = DownAsync(end.Token);
        if (await Task.WhenAny(up, down) == up && up.IsCompletedSuccessfully && await up)
        {
            // The client has said all it will; the platform may still have to answer.
            legacy.EndSending();
            await down.WaitAsync(Farewell, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await end.CancelAsync();
        await legacy.DisposeAsync();
        await Task.WhenAll(up, down).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // True where the client ended in an orderly way.
    private async Task<bool> UpAsync(CancellationToken ct)
    {
        var stream = legacy.Stream;
        while (true)
        {
            var read = await client.Input.ReadAsync(ct);
            if (read.IsCanceled)
            {
                client.Input.AdvanceTo(read.Buffer.Start);
                if (client.TimedOut)
                {
                    return false;
                }

                // Nothing can be said in the middle of somebody else's dialogue: it ends when it pauses.
                Touch();
                continue;
            }

            foreach (var part in read.Buffer)
            {
                await stream.WriteAsync(part, ct);
                _up += part.Length;
            }

            client.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return true;
            }

            Touch();
        }
    }

    private async Task DownAsync(CancellationToken ct)
    {
        var rest = legacy.TakeRest();
        if (!rest.IsEmpty)
        {
            _down += rest.Length;
            await client.Output.WriteAsync(rest, ct);
        }

        var stream = legacy.Stream;
        while (true)
        {
            try
            {
                // Waits without a buffer.
                _ = await stream.ReadAsync(Memory<byte>.Empty, ct);
                var n = await stream.ReadAsync(client.Output.GetMemory(Block), ct);
                if (n == 0)
                {
                    return;
                }

                client.Output.Advance(n);
                _down += n;
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                // The platform cut the connection: so does the client's end.
                return;
            }

            Touch();
            if ((await client.Output.FlushAsync(ct)).IsCompleted)
            {
                return;
            }
        }
    }

    private void Touch() => client.SetDeadline(client.Draining ? drainIdle : idle);
}
