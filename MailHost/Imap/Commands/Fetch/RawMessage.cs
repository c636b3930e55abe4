using System.Buffers;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;

namespace SaaS.MailHost.Imap.Commands.Fetch;

/// <summary>The octets of one message, opened when first asked for, read forward where the store can only stream.</summary>
/// <param name="store">Opens it.</param>
/// <param name="tenant">Whose blobs.</param>
/// <param name="account">Whose message.</param>
/// <param name="message">Which; as far as it was read.</param>
internal sealed class RawMessage(MessageStore store, TenantId tenant, AccountId account, ReadMessage message) : IAsyncDisposable
{
    private Stream? _stream;
    private long _position;

    /// <summary>False when the message has gone.</summary>
    public async ValueTask<bool> SeekAsync(long offset, CancellationToken ct)
    {
        if (_stream is { CanSeek: false } && offset < _position)
        {
            await _stream.DisposeAsync();
            _stream = null;
        }

        if (_stream is null)
        {
            _stream = message.Raw is { } stored
                ? await store.OpenRawAsync(tenant, stored, ct)
                : await store.OpenRawAsync(account, message.Row.Content, ct);
            _position = 0;
            if (_stream is null)
            {
                return false;
            }
        }

        if (_stream.CanSeek)
        {
            _stream.Seek(offset, SeekOrigin.Begin);
            _position = offset;
            return true;
        }

        return await CopyAsync(offset - _position, static (_, _) => ValueTask.CompletedTask, ct);
    }

    /// <summary>Hands the next octets on in blocks; false when the message ends before.</summary>
    public async ValueTask<bool> CopyAsync(long count, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> sink, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(32 * 1024);
        try
        {
            while (count > 0)
            {
                var read = await _stream!.ReadAsync(buffer.AsMemory(0, (int)Math.Min(count, buffer.Length)), ct);
                if (read == 0)
                {
                    return false;
                }

                await sink(buffer.AsMemory(0, read), ct);
                count -= read;
                _position += read;
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public ValueTask DisposeAsync() => _stream?.DisposeAsync() ?? ValueTask.CompletedTask;
}
