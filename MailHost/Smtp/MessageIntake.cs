using System.Buffers;
using System.Text;
using Microsoft.Extensions.Options;
using SaaS.Domain.Messages;
using SaaS.MailHost.Net;
using SaaS.MailHost.Router;
using SaaS.MailHost.Smtp.Wire;

namespace SaaS.MailHost.Smtp;

/// <summary>Takes the octets of a message off the wire into <see cref="MessageBytes"/>, and hands it over.</summary>
internal sealed class MessageIntake(MessageHandover handover, IOptions<DataOptions> data, SmtpMetrics metrics, TimeProvider clock, ILogger<MessageIntake> log)
{
    /// <summary>DATA up to its end. Null: the message is whole; else why it is refused.</summary>
    public async ValueTask<SmtpReply?> ReceiveAsync(SmtpSession session, SmtpTransaction transaction, CancellationToken ct)
    {
        var max = session.Profile.Options.MaxMessageBytes;
        var sink = new Sink(transaction.Message = NewMessage());
        var scanner = new DataScanner(max);
        transaction.DataStarted = clock.GetTimestamp();
        while (true)
        {
            if (LeftFor(session, transaction) is var left && left <= TimeSpan.Zero)
            {
                return TooSlow(session, transaction);
            }

            var read = await ReadAsync(session, left, scanner.LooksFinished, ct);
            if (read is not { } got)
            {
                return session.Connection.TimedOut ? TooSlow(session, transaction) : Refused(session, transaction, SmtpReplies.From(scanner.Fault, max).Closing());
            }

            var (end, consumed) = Scan(got, ref scanner, ref sink);
            session.Connection.Input.AdvanceTo(got.GetPosition(consumed));
            session.Count(consumed);
            if (end)
            {
                return sink.Fault is not null ? NoSpool(session, transaction, sink.Fault)
                    : scanner.Fault != DataFault.None ? Refused(session, transaction, SmtpReplies.From(scanner.Fault, max))
                    : null;
            }

            // Whoever sends many times the limit is not stopped by a reply at the end.
            if (scanner.Size > max * 2)
            {
                return Refused(session, transaction, SmtpReplies.From(DataFault.TooLarge, max).Closing());
            }
        }
    }

    /// <summary>One BDAT chunk. Null: taken.</summary>
    public async ValueTask<SmtpReply?> ReceiveChunkAsync(SmtpSession session, SmtpTransaction transaction, long size, CancellationToken ct)
    {
        var max = session.Profile.Options.MaxMessageBytes;
        if (transaction.DataStarted == 0)
        {
            transaction.DataStarted = clock.GetTimestamp();
        }

        var message = transaction.Message ??= NewMessage();
        if (size > max - message.Length)
        {
            if (size > max * 2)
            {
                return Refused(session, transaction, SmtpReplies.From(DataFault.TooLarge, max).Closing());
            }

            return await CopyAsync(session, transaction, size, static _ => { }, ct)
                ? Refused(session, transaction, SmtpReplies.From(DataFault.TooLarge, max))
                : TooSlow(session, transaction);
        }

        var sink = new Sink(message);
        if (!await CopyAsync(session, transaction, size, (segment) =>
        {
            sink.Write(segment);
            transaction.Chunks.Scan(segment);
        }, ct))
        {
            return TooSlow(session, transaction);
        }

        return sink.Fault is not null ? NoSpool(session, transaction, sink.Fault) : null;
    }

    /// <summary>A chunk that has no place here: read and dropped.</summary>
    public async ValueTask SkipChunkAsync(SmtpSession session, long size, CancellationToken ct)
    {
        var max = session.Profile.Options.MaxMessageBytes;
        if (size > max * 2)
        {
            session.Write(SmtpReplies.From(DataFault.TooLarge, max));
            await session.FlushAsync(ct);
            throw new IOException("The client announced a chunk many times the limit.");
        }

        using var nothing = new SmtpTransaction(null) { DataStarted = clock.GetTimestamp() };
        if (!await CopyAsync(session, nothing, size, static _ => { }, ct))
        {
            throw new IOException("The client was too slow.");
        }
    }

    /// <summary>Behind the last chunk: without BINARYMIME it must be text, and binary content never leaves this host, since the next might
    /// read line ends into it.</summary>
    public SmtpReply? EndChunks(SmtpSession session, SmtpTransaction transaction)
    {
        transaction.Chunks.End();
        return transaction.Chunks.Fault == DataFault.None ? null
            : transaction.Body != BodyKind.Binary ? Refused(session, transaction, SmtpReplies.From(transaction.Chunks.Fault, 0))
            : transaction.Recipients.Exists(r => r.Decision.Routes.Any(route => route is Domain.Delivery.Route.Remote))
                ? Refused(session, transaction, SmtpReplies.BinaryToOutside)
            : null;
    }

    /// <summary>Policy, then hand-over. A positive reply means that everything is committed.</summary>
    public async ValueTask<SmtpReply> CommitAsync(SmtpSession session, SmtpTransaction transaction, CancellationToken ct)
    {
        var started = clock.GetTimestamp();
        if (await session.Profile.Policy.OnMessageAsync(session, transaction, ct) is { } refused)
        {
            return Refused(session, transaction, refused);
        }

        var prepend = Encoding.UTF8.GetBytes(ReceivedHeader.Write(session, transaction, clock.GetUtcNow()) + transaction.ExtraHeader);
        var reply = session.Profile.Lmtp
            ? await HandOverEachAsync(session, transaction, prepend, ct)
            : await HandOverAsync(session, transaction, prepend, transaction.Recipients, ct);
        if (reply.Positive)
        {
            metrics.Accepted(session.Profile.Name, transaction.Recipients.Count, transaction.Message!.Length, clock.GetElapsedTime(started));
            log.Accepted(session.MessageName, session.Profile.Name, transaction.ReversePath, transaction.Recipients.Count,
                transaction.Message.Length, session.Connection.RemoteAddress);
        }

        session.CountMessage();
        return reply;
    }

    // RFC 2033 §4.2: a reply for each recipient, in their order. Each is a hand-over of its own, so that each reply is true.
    private async ValueTask<SmtpReply> HandOverEachAsync(
        SmtpSession session, SmtpTransaction transaction, byte[] prepend, CancellationToken ct)
    {
        var replies = new List<SmtpReply>(transaction.Recipients.Count);
        foreach (var recipient in transaction.Recipients)
        {
            replies.Add(await HandOverAsync(session, transaction, prepend, [recipient], ct));
        }

        return SmtpReply.Many(replies);
    }

    private async ValueTask<SmtpReply> HandOverAsync(
        SmtpSession session, SmtpTransaction transaction, byte[] prepend, IReadOnlyList<SmtpRecipient> recipients, CancellationToken ct)
    {
        // Not the connection's token: whoever hangs up after the last octet must not leave us in doubt about the commit.
        var result = await handover.AcceptAsync(new HandoverRequest
        {
            Message = transaction.Message!,
            Prepend = prepend,
            ReversePath = transaction.ReversePath,
            Recipients = [.. recipients.Select(r => new HandoverRecipient(r.Address, r.Decision, r.OriginalRecipient, r.Notify, r.Junk))],
            Account = session.User?.Account,
            Tenant = session.User?.Tenant,
            EnvelopeId = transaction.EnvelopeId,
            ReturnFull = transaction.ReturnFull,
            SmtpUtf8 = transaction.SmtpUtf8,
            EightBit = transaction.Body != BodyKind.SevenBit,
        }, CancellationToken.None);
        return result.Refusal is { } refusal
            ? Refused(session, transaction, SmtpReplies.From(refusal))
            : new SmtpReply(250, "2.0.0", $"Accepted as {session.MessageName}");
    }

    private SmtpReply Refused(SmtpSession session, SmtpTransaction transaction, SmtpReply reply)
    {
        metrics.Refused(session.Profile.Name, reply.Code.ToString(System.Globalization.CultureInfo.InvariantCulture));
        log.MessageRefused(session.Connection.Id, session.Profile.Name, transaction.ReversePath, session.Connection.RemoteAddress, reply.Text);
        return reply;
    }

    private SmtpReply NoSpool(SmtpSession session, SmtpTransaction transaction, IOException fault)
    {
        log.SpoolFailed(fault, session.Connection.Id, session.Profile.Name);
        return Refused(session, transaction, SmtpReplies.SpoolFull);
    }

    private MessageBytes NewMessage() => new(data.Value.SpoolPath);

    private TimeSpan LeftFor(SmtpSession session, SmtpTransaction transaction) =>
        session.Profile.Options.MessageTimeout - clock.GetElapsedTime(transaction.DataStarted);

    private SmtpReply TooSlow(SmtpSession session, SmtpTransaction transaction) => Refused(session, transaction, SmtpReplies.TimedOut);

    /// <summary>Null: the deadline passed, or (with <paramref name="mayBeOver"/>) nothing more is there to read.</summary>
    private static async ValueTask<ReadOnlySequence<byte>?> ReadAsync(SmtpSession session, TimeSpan left, bool mayBeOver, CancellationToken ct)
    {
        var idle = session.Profile.Options.IdleTimeout;
        while (true)
        {
            var input = session.Connection.Input;
            if (!input.TryRead(out var read))
            {
                if (mayBeOver)
                {
                    return null;
                }

                read = await session.ReadAsync(left < idle ? left : idle, ct);
            }

            if (!read.Buffer.IsEmpty)
            {
                return read.Buffer;
            }

            input.AdvanceTo(read.Buffer.Start);
            if (read.IsCompleted)
            {
                throw new IOException("The client has gone in the middle of a message.");
            }

            if (session.Connection.TimedOut)
            {
                return null;
            }
        }
    }

    private static (bool End, long Consumed) Scan(ReadOnlySequence<byte> buffer, ref DataScanner scanner, ref Sink sink)
    {
        var total = 0L;
        foreach (var segment in buffer)
        {
            var end = scanner.Scan(segment.Span, ref sink, out var consumed);
            total += consumed;
            if (end)
            {
                return (true, total);
            }
        }

        return (false, total);
    }

    private delegate void Take(ReadOnlySpan<byte> segment);

    private async ValueTask<bool> CopyAsync(SmtpSession session, SmtpTransaction transaction, long size, Take take, CancellationToken ct)
    {
        while (size > 0)
        {
            if (LeftFor(session, transaction) is var left && left <= TimeSpan.Zero
                || await ReadAsync(session, left, mayBeOver: false, ct) is not { } buffer)
            {
                return false;
            }

            var part = buffer.Slice(0, Math.Min(size, buffer.Length));
            foreach (var segment in part)
            {
                take(segment.Span);
            }

            size -= part.Length;
            session.Count(part.Length);
            session.Connection.Input.AdvanceTo(part.End);
        }

        return true;
    }

    /// <summary>Writes until the spool fails; then the message is read to its end all the same, so that the reply finds its place.</summary>
    private struct Sink(MessageBytes message) : IDataSink
    {
        public IOException? Fault { get; private set; }

        public void Write(ReadOnlySpan<byte> bytes)
        {
            if (Fault is not null)
            {
                return;
            }

            try
            {
                message.Write(bytes);
            }
            catch (IOException e)
            {
                Fault = e;
            }
        }
    }
}
