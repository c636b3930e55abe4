using System.Globalization;
using System.Security.Authentication;
using System.Text;
using SaaS.Domain.Common;
using SaaS.MailHost.Net;

namespace SaaS.MailHost.Pop3;

/// <summary>One connection: AUTHORIZATION until a maildrop is open, then TRANSACTION, and UPDATE with QUIT (RFC 1939 §3).</summary>
internal sealed partial class Pop3Session(Pop3Server server, ClientConnection connection)
{
    /// <summary>RFC 2449 §4 asks for 255; SASL responses may need more.</summary>
    private const int MaxLine = 4096;

    /// <summary>Octets of answers that may wait for the pause in which they are sent together.</summary>
    private const int FlushAbove = 16 * 1024;

    private Maildrop? _drop;
    private string? _user;
    private int _failedLogins;
    private int _bad;
    private bool _ended;
    /// <summary>RFC 6856 §2: messages are sent as they are.</summary>
    private bool _utf8;
    private AccountId? _counted;

    public async Task RunAsync(CancellationToken ct)
    {
        connection.SetDeadline(server.Options.LoginTimeout);
        Say($"+OK {server.HostName} ready");
        await connection.Output.FlushAsync(ct);
        try
        {
            while (!_ended && await ReadLineAsync(ct) is { } line)
            {
                await ExecuteAsync(line, ct);
            }

            await connection.Output.FlushAsync(ct);
        }
        finally
        {
            if (_counted is { } account)
            {
                server.Leave(account);
            }
        }
    }

    /// <summary>Null at the end of the connection. What was answered so far is sent before the session waits, so that pipelining costs one packet.</summary>
    private async Task<string?> ReadLineAsync(CancellationToken ct)
    {
        while (true)
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
                // No UPDATE: a session that was cut deletes nothing (RFC 1939 §3).
                connection.Input.AdvanceTo(result.Buffer.Start);
                Say(connection.TimedOut ? "-ERR [SYS/TEMP] Idle for too long" : "-ERR [SYS/TEMP] Going down, come back soon");
                return null;
            }

            var buffer = result.Buffer;
            var status = LineReader.TryRead(ref buffer, MaxLine, out var line);
            if (status == LineStatus.Line)
            {
                var text = Encoding.UTF8.GetString(line);
                connection.Input.AdvanceTo(buffer.Start);
                if (_drop is not null)
                {
                    connection.SetDeadline(server.Options.IdleTimeout);
                }

                return text;
            }

            if (status != LineStatus.Incomplete)
            {
                connection.Input.AdvanceTo(result.Buffer.End);
                Say("-ERR Lines end in CRLF and are short");
                return null;
            }

            connection.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (result.IsCompleted)
            {
                return null;
            }
        }
    }

    private async Task ExecuteAsync(string line, CancellationToken ct)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        var verb = (space < 0 ? line : line[..space]).ToUpperInvariant();
        var argument = space < 0 ? "" : line[(space + 1)..].Trim();
        try
        {
            var known = _drop is null ? await AuthorizationAsync(verb, space < 0 ? "" : line[(space + 1)..], ct) : await TransactionAsync(verb, argument, ct);
            if (known)
            {
                _bad = 0;
                return;
            }

            Say("-ERR No such command here");
            if (++_bad >= server.Options.MaxBadCommands)
            {
                _ended = true;
            }
        }
        catch (Exception e) when (e is not (OperationCanceledException or IOException or AuthenticationException))
        {
            var id = Guid.NewGuid().ToString("N")[..8];
            server.Log.Fault(e, connection.Id, verb, id);
            Say($"-ERR [SYS/TEMP] Something broke; error {id}");
        }
    }

    private async Task<bool> TransactionAsync(string verb, string argument, CancellationToken ct)
    {
        var drop = _drop!;
        switch (verb)
        {
            case "STAT":
                Say($"+OK {drop.Left} {drop.Octets}");
                return true;
            case "LIST":
                await ListAsync(argument, n => drop.Size(n).ToString(CultureInfo.InvariantCulture), ct);
                return true;
            case "UIDL":
                await ListAsync(argument, drop.UniqueId, ct);
                return true;
            case "RETR":
                await SendAsync(argument, -1, ct);
                return true;
            case "TOP":
                var parts = argument.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var lines))
                {
                    await SendAsync(parts[0], lines, ct);
                }
                else
                {
                    Say("-ERR TOP takes a message number and a number of lines");
                }

                return true;
            case "DELE":
                if (Number(argument) is { } number)
                {
                    drop.Mark(number);
                    Say("+OK Marked");
                }

                return true;
            case "RSET":
                drop.Unmark();
                Say($"+OK {drop.Left} messages");
                return true;
            case "NOOP":
                Say("+OK");
                return true;
            case "CAPA":
                Capabilities();
                return true;
            case "LANG":
                Language(argument);
                return true;
            case "UTF8":
                Say("-ERR Before login");
                return true;
            case "QUIT":
                Say(await server.DeleteAsync(drop, ct) is null ? "+OK Good-bye" : "-ERR [SYS/TEMP] Some messages were not deleted");
                _ended = true;
                return true;
            default:
                return false;
        }
    }

    private async Task ListAsync(string argument, Func<int, string> value, CancellationToken ct)
    {
        var drop = _drop!;
        if (argument.Length > 0)
        {
            if (Number(argument) is { } one)
            {
                Say($"+OK {one} {value(one)}");
            }

            return;
        }

        Say($"+OK {drop.Left} messages");
        for (var n = 1; n <= drop.Count; n++)
        {
            if (drop.Has(n))
            {
                Say($"{n} {value(n)}");
                if (connection.Output.UnflushedBytes > FlushAbove)
                {
                    await FlushAsync(ct);
                }
            }
        }

        Say(".");
    }

    private async Task SendAsync(string argument, int bodyLines, CancellationToken ct)
    {
        if (Number(argument) is not { } number)
        {
            return;
        }

        var drop = _drop!;
        await using var raw = await server.Store.OpenRawAsync(drop.Account, drop.Content(number), ct);
        if (raw is null)
        {
            Say("-ERR It was deleted elsewhere");
            return;
        }

        Say($"+OK {drop.Size(number)} octets");
        var head = _utf8 ? default : await HeaderDowngrade.ReadHeadAsync(raw, ct);
        await Pop3Writer.MessageAsync(connection.Output, head, raw, bodyLines, FlushAsync, ct);
        server.Metrics.Retrieved();
    }

    /// <summary>Sends what is written; the client has to take it in time, however slowly it goes on.</summary>
    private async ValueTask FlushAsync(CancellationToken ct)
    {
        if (_drop is not null)
        {
            connection.SetDeadline(server.Options.WriteTimeout);
        }

        await connection.Output.FlushAsync(ct);
        if (_drop is not null)
        {
            connection.SetDeadline(server.Options.IdleTimeout);
        }
    }

    private int? Number(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && _drop!.Has(number))
        {
            return number;
        }

        Say("-ERR No such message");
        return null;
    }

    private void Say(string line) => Pop3Writer.Line(connection.Output, line);
}
