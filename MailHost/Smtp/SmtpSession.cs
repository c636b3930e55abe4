using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;
using SaaS.MailHost.AccessProxy;
using SaaS.MailHost.Net;
using SaaS.MailHost.Smtp.Commands;
using SaaS.MailHost.Smtp.Wire;

namespace SaaS.MailHost.Smtp;

/// <summary>One client's dialogue: reads a line, finds the command, asks the state table, runs it, writes its reply. Only this class writes
/// replies, counts errors and logs faults.</summary>
internal sealed class SmtpSession(ClientConnection connection, SmtpProfile profile, SmtpEngine engine) : IDisposable
{
    /// <summary>Returned by a command that has written its reply itself.</summary>
    public static readonly SmtpReply AlreadyAnswered = new(250, null);

    /// <summary>RFC 4954 §4: a line of AUTH may have 12,288 octets.</summary>
    private const int MaxLine = 12_288;

    /// <summary>512 octets (RFC 5321 §4.5.3.1.4), and what SIZE, DSN, AUTH, SMTPUTF8 and BODY add.</summary>
    private const int MaxCommandLine = 2_048;

    private const int FlushAbove = 16 * 1024;

    private readonly long _started = engine.Clock.GetTimestamp();
    private int _messages;
    private int _errors;
    private int _unknown;
    private int _authFailures;
    private long _bytes;
    private bool _discarding;
    private LegacySession? _elsewhere;

    public ClientConnection Connection => connection;

    public SmtpProfile Profile => profile;

    public string HostName => engine.HostName;

    /// <summary>From a network of our own: no limits per session, but for errors.</summary>
    public bool Trusted { get; } = engine.Limits.IsTrusted(connection.RemoteAddress);

    public SmtpState State { get; private set; }

    /// <summary>What EHLO, HELO or LHLO said.</summary>
    public string? ClientName { get; private set; }

    /// <summary>EHLO or LHLO, so that extensions may be used.</summary>
    public bool Extended { get; private set; }

    public SignedIn? User { get; private set; }

    public SmtpTransaction? Transaction { get; private set; }

    /// <summary>For a policy to remember something of this session.</summary>
    public object? PolicyState { get; set; }

    /// <summary>Names the message that is being received: in Received, in the reply, in the log.</summary>
    public string MessageName => string.Create(CultureInfo.InvariantCulture, $"{connection.Id}-{_messages + 1}");

    public async Task RunAsync(CancellationToken ct)
    {
        engine.Log.Connected(connection.Id, profile.Name, connection.RemoteAddress);
        Write(new SmtpReply(220, null, $"{HostName} {(profile.Lmtp ? "LMTP" : "ESMTP")} ready"));
        while (await NextAsync(ct) is { } reply)
        {
            if (reply.IsProtocolError && ++_errors >= profile.Options.ErrorsPerSession)
            {
                Write(reply);
                reply = SmtpReplies.TooManyErrors;
            }

            if (reply != AlreadyAnswered)
            {
                Write(reply);
            }

            if (_elsewhere is not null)
            {
                await FlushAsync(ct);
                await using var legacy = _elsewhere;
                await legacy.SpliceAsync(connection, ct);
                return;
            }

            if (reply.Closes)
            {
                if (reply.Code != 221)
                {
                    engine.Log.ClosedOut(connection.Id, profile.Name, connection.RemoteAddress, reply.Text);
                }

                break;
            }

            if (connection.Output.UnflushedBytes > FlushAbove)
            {
                await FlushAsync(ct);
            }
        }

        await FlushAsync(ct);
    }

    /// <summary>Reads one command and runs it; null when the client has gone.</summary>
    private async ValueTask<SmtpReply?> NextAsync(CancellationToken ct)
    {
        var started = engine.Clock.GetTimestamp();
        while (true)
        {
            // Between messages a drain ends the session; what the client has sent already is answered first.
            if (connection.Draining && State is (SmtpState.Connected or SmtpState.Greeted) && !connection.HasBufferedInput())
            {
                return SmtpReplies.Draining;
            }

            // For the whole line: an octet now and then does not hold the connection.
            var left = profile.Options.IdleTimeout - engine.Clock.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                return SmtpReplies.TimedOut;
            }

            var read = await ReadAsync(left, ct);
            if (connection.TimedOut)
            {
                connection.Input.AdvanceTo(read.Buffer.Start);
                return SmtpReplies.TimedOut;
            }

            var (reply, call) = Take(read, out var complete);
            if (call is { } c)
            {
                return await InvokeAsync(c.Command, c.Arguments, ct);
            }

            if (reply is not null || (!complete && read.IsCompleted))
            {
                return reply;
            }
        }
    }

    /// <summary>Waits only when nothing is buffered, and sends all replies before it does (RFC 2920 §3.2).</summary>
    internal async ValueTask<ReadResult> ReadAsync(TimeSpan patience, CancellationToken ct)
    {
        if (connection.Input.TryRead(out var read))
        {
            return read;
        }

        connection.SetDeadline(patience);
        if (connection.Output.UnflushedBytes > 0)
        {
            await connection.Output.FlushAsync(ct);
        }

        return await connection.Input.ReadAsync(ct);
    }

    // Parses while the line is still in the buffer: nothing is copied but what the arguments keep.
    private (SmtpReply? Reply, (SmtpCommand Command, object Arguments)? Call) Take(ReadResult read, out bool complete)
    {
        var buffer = read.Buffer;
        var status = LineReader.TryRead(ref buffer, MaxLine, out var line);
        complete = status != LineStatus.Incomplete;
        try
        {
            switch (status)
            {
                case LineStatus.Incomplete:
                    return default;
                case LineStatus.TooLong when buffer.Start.Equals(read.Buffer.Start):
                    buffer = buffer.Slice(buffer.End);
                    _discarding = true;
                    return default;
                case var _ when _discarding:
                    _discarding = false;
                    return (SmtpReplies.LineTooLong, null);
                case LineStatus.TooLong:
                    return (SmtpReplies.LineTooLong, null);
                case LineStatus.BareLineEnd:
                    return (SmtpReplies.BareLineEnd, null);
                default:
                    return Parse(line);
            }
        }
        finally
        {
            connection.Input.AdvanceTo(buffer.Start, status == LineStatus.Incomplete ? buffer.End : buffer.Start);
        }
    }

    private (SmtpReply?, (SmtpCommand, object)?) Parse(ReadOnlySequence<byte> line)
    {
        var reader = new SmtpReader(line.IsSingleSegment ? line.FirstSpan : line.ToArray());
        var verb = reader.ReadVerb();
        if (engine.Commands.Find(verb) is not { } command)
        {
            return (SmtpReplies.Unknown, null);
        }

        if (!command.IsOffered(this))
        {
            return (SmtpReplies.NotHere, null);
        }

        if (line.Length > MaxCommandLine && verb != "AUTH")
        {
            return (SmtpReplies.LineTooLong, null);
        }

        try
        {
            return (null, (command, command.ParseArguments(ref reader)));
        }
        catch (SmtpSyntaxException e)
        {
            return (e.Code == 521 ? new SmtpReply(e.Code, e.Enhanced, e.Message) { Closes = true } : SmtpReplies.Syntax(e), null);
        }
    }

    private async ValueTask<SmtpReply> InvokeAsync(SmtpCommand command, object arguments, CancellationToken ct)
    {
        var before = State;
        if (!SmtpStateTable.TryNext(before, command.Verb, out var next))
        {
            await command.SkipAsync(this, arguments, ct);
            return SmtpStateTable.OutOfOrder(before, command.Verb, profile.Lmtp);
        }

        try
        {
            var reply = await command.RunAsync(this, arguments, ct);
            if (reply.Positive && State == before && Transaction is not null == next is SmtpState.Mail or SmtpState.Recipients or SmtpState.Chunks)
            {
                State = next;
            }

            return reply;
        }
        catch (Exception e) when (!ct.IsCancellationRequested
            && e is not (IOException or System.Security.Authentication.AuthenticationException or Microsoft.AspNetCore.Connections.ConnectionAbortedException))
        {
            var id = Guid.NewGuid().ToString("n")[..8];
            engine.Log.Fault(e, connection.Id, profile.Name, id, command.Verb);
            engine.Metrics.Refused(profile.Name, "fault");
            return SmtpReplies.Fault(id);
        }
    }

    /// <summary>A line of a SASL exchange; null where it is too long or not ended by CRLF.</summary>
    public async ValueTask<string?> ReadLineAsync(CancellationToken ct)
    {
        while (true)
        {
            var read = await ReadAsync(profile.Options.IdleTimeout, ct);
            if (connection.TimedOut || read is { IsCompleted: true, Buffer.IsEmpty: true })
            {
                connection.Input.AdvanceTo(read.Buffer.Start);
                throw new IOException("The client has gone.");
            }

            var buffer = read.Buffer;
            var status = LineReader.TryRead(ref buffer, MaxLine, out var line);
            var text = status == LineStatus.Line ? Encoding.Latin1.GetString(line) : null;
            connection.Input.AdvanceTo(buffer.Start, status == LineStatus.Incomplete ? buffer.End : buffer.Start);
            if (status == LineStatus.Incomplete && !read.IsCompleted)
            {
                continue;
            }

            return text;
        }
    }

    /// <summary>Into the pipe; on the wire with the next flush.</summary>
    public void Write(SmtpReply reply) => connection.Output.Write(reply.Bytes);

    public async ValueTask FlushAsync(CancellationToken ct)
    {
        connection.SetDeadline(profile.Options.IdleTimeout);
        await connection.Output.FlushAsync(ct);
    }

    public void Greet(string name, bool extended)
    {
        EndTransaction();
        (ClientName, Extended) = (name, extended);
    }

    public void Begin(SmtpTransaction transaction) => Transaction = transaction;

    /// <summary>Back to where MAIL may come.</summary>
    public void EndTransaction()
    {
        Transaction?.Dispose();
        Transaction = null;
        State = State == SmtpState.Connected ? SmtpState.Connected : SmtpState.Greeted;
    }

    /// <summary>TLS has begun: all that was said before counts for nothing (RFC 3207 §4.2).</summary>
    public void Forget()
    {
        EndTransaction();
        State = SmtpState.Connected;
        (ClientName, Extended, User, PolicyState) = (null, false, null, null);
    }

    public void SignIn(SignedIn user)
    {
        User = user;
        engine.Metrics.Auth(profile.Name, success: true);
        engine.Log.SignedIn(connection.Id, profile.Name, user.Login, connection.RemoteAddress);
    }

    /// <summary>Behind the reply to AUTH the connection is one with the platform's.</summary>
    public void PassOn(LegacySession legacy)
    {
        _elsewhere = legacy;
        engine.Metrics.Auth(profile.Name, success: true);
    }

    public SmtpReply FailedAuth(SmtpReply reply)
    {
        engine.Metrics.Auth(profile.Name, success: false);
        engine.Log.AuthFailed(connection.Id, profile.Name, connection.RemoteAddress, reply.Text);
        return ++_authFailures >= profile.Options.AuthFailuresPerSession
            ? SmtpReply.Many([reply, SmtpReplies.TooManyErrors]).Closing()
            : reply;
    }

    public SmtpReply RefusedRecipient(MailAddress recipient, Refusal refusal)
    {
        engine.Metrics.Refused(profile.Name, refusal.Reason.ToString());
        engine.Log.RecipientRefused(connection.Id, profile.Name, recipient, connection.RemoteAddress, refusal.Reason);
        var reply = SmtpReplies.From(refusal);
        return refusal.Reason == RefusalReason.UnknownRecipient && !Trusted && User is null
            && ++_unknown >= profile.Options.UnknownRecipientsPerSession
            ? SmtpReply.Many([reply, SmtpReplies.TooManyErrors]).Closing()
            : reply;
    }

    /// <summary>Octets of messages that have crossed the wire, taken or not.</summary>
    public void Count(long octets) => _bytes += octets;

    public void CountMessage() => _messages++;

    /// <summary>No further transaction in this session.</summary>
    public bool ReachedLimit() =>
        !Trusted && (_messages >= profile.Options.MessagesPerSession
            || _bytes >= profile.Options.BytesPerSession
            || engine.Clock.GetElapsedTime(_started) >= profile.Options.SessionTimeout);

    public void Dispose() => Transaction?.Dispose();
}
