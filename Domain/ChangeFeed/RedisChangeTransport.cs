using StackExchange.Redis;

namespace SaaS.Domain.ChangeFeed;

/// <summary>Redis pub/sub, for sites whose database has better things to do.</summary>
public sealed class RedisChangeTransport(string configuration) : IChangeTransport, IAsyncDisposable
{
    private static readonly RedisChannel Channel = RedisChannel.Literal("postyard");
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private ConnectionMultiplexer? _connection;

    public async Task SendAsync(string payload, CancellationToken ct) =>
        await (await ConnectAsync(ct)).GetSubscriber().PublishAsync(Channel, payload);

    public async Task ReceiveAsync(Action<string> received, Action connected, CancellationToken ct)
    {
        var connection = await ConnectAsync(ct);
        var queue = await connection.GetSubscriber().SubscribeAsync(Channel);
        connection.ConnectionRestored += (_, _) => connected();
        connected();
        await foreach (var message in queue.WithCancellation(ct))
        {
            received(message.Message.ToString());
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            await connection.DisposeAsync();
        }

        _connecting.Dispose();
    }

    private async Task<ConnectionMultiplexer> ConnectAsync(CancellationToken ct)
    {
        await _connecting.WaitAsync(ct);
        try
        {
            return _connection ??= await ConnectionMultiplexer.ConnectAsync(configuration);
        }
        finally
        {
            _connecting.Release();
        }
    }
}
