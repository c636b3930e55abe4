using System.Buffers;
using System.Security.Authentication;
using SaaS.Domain.Common;
using SaaS.MailHost.ManageSieve.Wire;
using SaaS.MailHost.Net;

namespace SaaS.MailHost.ManageSieve;

/// <summary>One connection: read a command whole, answer it, go on (RFC 5804 §1.2).</summary>
internal sealed partial class ManageSieveSession(ManageSieveServer server, ClientConnection connection)
{
    private const int MaxLine = 4096;

    /// <summary>Octets of answers that may wait for the pause in which they are sent together.</summary>
    private const int FlushAbove = 16 * 1024;

    private AccountId? _account;
    private string _login = "";
    private int _failedLogins;
    private int _bad;
    private bool _ended;
    private bool _clientIsDone;
    private string _status = "OK";

    public async Task RunAsync(CancellationToken ct)
    {
        connection.SetDeadline(server.Options.LoginTimeout);
        Capabilities();
        Say("OK", null, $"{server.HostName} ready");
        while (!_ended && await ReadAsync(ct) is { } octets)
        {
            await ExecuteAsync(octets, ct);
        }

        await connection.Output.FlushAsync(ct);
    }

    private async Task ExecuteAsync(byte[] octets, CancellationToken ct)
    {
        var name = "";
        try
        {
            var command = ManageSieveCommand.Parse(octets);
            name = command.Name;
            if (await RunAsync(command, ct))
            {
                _bad = 0;
                server.Metrics.Command(name, _status);
                return;
            }

            Bad("No such command here");
        }
        catch (ManageSieveSyntaxException e)
        {
            Bad(e.Message);
        }
        catch (Exception e) when (e is not (OperationCanceledException or IOException or AuthenticationException))
        {
            var id = Guid.NewGuid().ToString("N")[..8];
            server.Log.Fault(e, connection.Id, name, id);
            Say("NO", "TRYLATER", $"Something broke; error {id}");
        }
    }

    private void Bad(string text)
    {
        server.Metrics.Command("unknown", "NO");
        if (++_bad >= server.Options.MaxBadCommands)
        {
            Say("BYE", null, "Too many commands that make no sense");
            _ended = true;
            return;
        }

        Say("NO", null, text);
    }

    /// <summary>A command with its literals, without its last CRLF; null at the end of the connection. What was answered so far is sent before
    /// the session waits.</summary>
    private async Task<byte[]?> ReadAsync(CancellationToken ct)
    {
        var command = new ArrayBufferWriter<byte>(256);
        while (true)
        {
            var limit = _account is null ? server.Options.MaxAnonymousCommand : server.Scripts.Limits.MaxScriptBytes + (2 * MaxLine);
            if (await ReadLineAsync(ct) is not { } line)
            {
                return null;
            }

            long literal;
            try
            {
                literal = line.Length == 0 ? -1 : ManageSieveCommand.LiteralAtEnd(line);
            }
            catch (ManageSieveSyntaxException e)
            {
                // Where the literal ends nobody can tell.
                Say("BYE", null, e.Message);
                return null;
            }

            if (command.WrittenCount + line.Length + Math.Max(literal, 0) > limit)
            {
                if (literal < 0 || literal > 4L * limit || _account is null)
                {
                    Say("BYE", "QUOTA/MAXSIZE", "The command is too long");
                    return null;
                }

                if (!await SkipAsync(literal, ct) || await ReadLineAsync(ct) is null)
                {
                    return null;
                }

                Say("NO", "QUOTA/MAXSIZE", $"A script has at most {server.Scripts.Limits.MaxScriptBytes} octets");
                command.Clear();
                continue;
            }

            command.Write(line);
            if (literal < 0)
            {
                return command.WrittenSpan.ToArray();
            }

            command.Write("\r\n"u8);
            if (!await TakeAsync(command, (int)literal, ct))
            {
                return null;
            }
        }
    }

    private async Task<byte[]?> ReadLineAsync(CancellationToken ct)
    {
        while (await FillAsync(ct) is { } buffer)
        {
            var rest = buffer;
            var status = LineReader.TryRead(ref rest, MaxLine, out var line);
            if (status == LineStatus.Line)
            {
                var octets = line.ToArray();
                connection.Input.AdvanceTo(rest.Start);
                return octets;
            }

            if (status != LineStatus.Incomplete)
            {
                connection.Input.AdvanceTo(buffer.End);
                Say("BYE", null, "Lines end in CRLF and are short");
                return null;
            }

            connection.Input.AdvanceTo(buffer.Start, buffer.End);
            if (_clientIsDone)
            {
                return null;
            }
        }

        return null;
    }

    private async Task<bool> TakeAsync(ArrayBufferWriter<byte> target, int size, CancellationToken ct)
    {
        while (size > 0)
        {
            if (await FillAsync(ct) is not { } buffer)
            {
                return false;
            }

            var part = buffer.Slice(0, Math.Min(size, buffer.Length));
            foreach (var segment in part)
            {
                target.Write(segment.Span);
            }

            size -= (int)part.Length;
            connection.Input.AdvanceTo(part.End);
        }

        return true;
    }

    private async Task<bool> SkipAsync(long size, CancellationToken ct)
    {
        while (size > 0)
        {
            if (await FillAsync(ct) is not { } buffer)
            {
                return false;
            }

            var part = buffer.Slice(0, Math.Min(size, buffer.Length));
            size -= part.Length;
            connection.Input.AdvanceTo(part.End);
        }

        return true;
    }

    /// <summary>Something new to read, or null where there is to be no more.</summary>
    private async Task<ReadOnlySequence<byte>?> FillAsync(CancellationToken ct)
    {
        if (connection.Output.UnflushedBytes > FlushAbove)
        {
            // The client asks and asks and does not read: it waits now, not our memory.
            await FlushAsync(ct);
        }

        if (!connection.Input.TryRead(out var result))
        {
            await FlushAsync(ct);
            result = await connection.Input.ReadAsync(ct);
        }

        if (result.IsCanceled && (connection.TimedOut || connection.Draining))
        {
            connection.Input.AdvanceTo(result.Buffer.Start);
            Say("BYE", "TRYLATER", connection.TimedOut ? "Idle for too long" : "Going down, come back soon");
            return null;
        }

        _clientIsDone = result.IsCompleted;
        if (result.Buffer.IsEmpty && result.IsCompleted)
        {
            connection.Input.AdvanceTo(result.Buffer.Start);
            return null;
        }

        if (_account is not null)
        {
            connection.SetDeadline(server.Options.IdleTimeout);
        }

        return result.Buffer;
    }

    private async ValueTask FlushAsync(CancellationToken ct)
    {
        if (_account is not null)
        {
            connection.SetDeadline(server.Options.WriteTimeout);
        }

        await connection.Output.FlushAsync(ct);
        if (_account is not null)
        {
            connection.SetDeadline(server.Options.IdleTimeout);
        }
    }

    /// <summary>response = "OK" / "NO" / "BYE" [SP "(" resp-code ")"] [SP string]</summary>
    private void Say(string status, string? code, string? text)
    {
        _status = status;
        var output = connection.Output;
        output.Raw(status);
        if (code is not null)
        {
            output.Raw($" ({code})");
        }

        if (text is not null)
        {
            output.Raw(" ").String(text);
        }

        output.Line();
    }
}
