using System.Net.Sockets;

namespace SaaS.MailHost.Moves;

/// <summary>
/// The wire to a source, as the IMAP client sees it: no faster than the pace, no silence without end, and no answer larger than what was asked for
/// (the client collects an answer in memory, and the source is a stranger's).
/// </summary>
internal sealed class SourceStream(Socket socket, Pace pace, TimeSpan silence, TimeProvider clock) : Stream
{
    private const long Slack = 64 * 1024 * 1024;

    private readonly NetworkStream _inner = new(socket, ownsSocket: true);
    private long _allowed = Slack;

    /// <summary>Before a command: its answer has about so many octets.</summary>
    public void Expect(long octets) => _allowed = octets + Slack;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override bool CanTimeout => true;
    public override int ReadTimeout { get => _inner.ReadTimeout; set => _inner.ReadTimeout = value; }
    public override int WriteTimeout { get => _inner.WriteTimeout; set => _inner.WriteTimeout = value; }
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var limit = new CancellationTokenSource(silence, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        int read;
        try
        {
            read = await _inner.ReadAsync(buffer, both.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"The source has said nothing for {silence.TotalSeconds:0} seconds.");
        }

        Count(read);
        await pace.TakeAsync(read, cancellationToken);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = _inner.Read(buffer, offset, count);
        Count(read);
        return read;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _inner.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        _inner.WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => _inner.Write(buffer, offset, count);

    public override void Flush() => _inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => _inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Count(int read)
    {
        if ((_allowed -= read) < 0)
        {
            throw new IOException("The source sent more than it was asked for.");
        }
    }
}
