using System.Buffers;
using System.Globalization;
using System.Text;
using SaaS.Domain.Delivery;
using SaaS.Domain.Queue;

namespace SaaS.MailHost.Relay.Client;

/// <summary>One message to one server: envelope pipelined where the server can, then BDAT or DATA.</summary>
/// <remarks>RFC 5321 §3.3, PIPELINING RFC 2920, SIZE RFC 1870, CHUNKING RFC 3030, DSN RFC 3461, SMTPUTF8 RFC 6531.</remarks>
internal sealed class SmtpTransaction(SmtpConnection connection, RelayOptions options)
{
    private static readonly SearchValues<char> AddressType =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

    /// <summary>True once the last octet may have left: what happens to the message then is the remote's word alone.</summary>
    public bool Committed { get; private set; }

    /// <summary>An attempt for each recipient. Throws <see cref="RemoteConnectionException"/> when the connection is lost.</summary>
    /// <param name="message">Envelope.</param>
    /// <param name="recipients">Those of its recipients to name.</param>
    /// <param name="content">What is sent.</param>
    /// <param name="mayCommit">Asked right before the message is committed; false: the lease is lost, somebody else sends it.</param>
    /// <param name="ct">Ends the attempt.</param>
    public async Task<IReadOnlyList<Attempt>> RunAsync(
        LeasedMessage message, IReadOnlyList<LeasedRecipient> recipients, OutgoingMessage content, Func<bool> mayCommit, CancellationToken ct)
    {
        if (connection.MaxSize is { } max && content.Length > max)
        {
            return All(recipients, AttemptResult.Failed, $"5.3.4 The message is larger than the {max} octets that the remote server takes.");
        }

        var utf8 = content.Utf8Header || message.ReversePath?.NeedsSmtpUtf8 == true || recipients.Any(r => !Ascii.IsValid(r.Recipient));
        if (utf8 && !connection.Offers("SMTPUTF8"))
        {
            return All(recipients, AttemptResult.Failed, "5.6.7 The remote server does not take internationalized addresses or headers.");
        }

        connection.Messages++;
        var bdat = connection.Offers("CHUNKING");
        var pipelining = connection.Offers("PIPELINING");
        var mail = MailLine(message, content, utf8);
        RemoteReply mailReply;
        var replies = new RemoteReply[recipients.Count];
        RemoteReply? dataReply = null;
        if (pipelining)
        {
            var commands = new StringBuilder(mail);
            foreach (var r in recipients)
            {
                commands.Append(RcptLine(r));
            }

            if (!bdat)
            {
                commands.Append("DATA\r\n");
            }

            await connection.SendAsync(commands.ToString(), ct);
            await connection.FlushAsync(ct);
            mailReply = await connection.ReadAsync(options.CommandTimeout, ct);
            for (var i = 0; i < replies.Length; i++)
            {
                replies[i] = await connection.ReadAsync(options.CommandTimeout, ct);
            }

            if (!bdat)
            {
                dataReply = await connection.ReadAsync(options.DataTimeout, ct);
            }
        }
        else
        {
            mailReply = await AskAsync(mail, options.CommandTimeout, ct);
            for (var i = 0; mailReply.Positive && i < replies.Length; i++)
            {
                replies[i] = await AskAsync(RcptLine(recipients[i]), options.CommandTimeout, ct);
            }
        }

        if (!mailReply.Positive)
        {
            if (dataReply?.Code == 354)
            {
                await FinishEmptyAsync(ct);
            }

            return All(recipients, mailReply.Permanent ? AttemptResult.Failed : AttemptResult.Deferred, mailReply.ToString());
        }

        var accepted = Enumerable.Range(0, replies.Length).Where(i => replies[i].Code is >= 200 and < 300).ToHashSet();
        if (accepted.Count == 0)
        {
            if (dataReply?.Code == 354)
            {
                await FinishEmptyAsync(ct);
            }
            else
            {
                await ResetAsync(ct);
            }

            return Results(recipients, replies, accepted, null);
        }

        if (!mayCommit())
        {
            connection.Broken = true;
            throw new LeaseLostException();
        }

        RemoteReply final;
        if (bdat)
        {
            await connection.SendAsync(string.Create(CultureInfo.InvariantCulture, $"BDAT {content.Length} LAST\r\n"), ct);
            Committed = true;
            await WriteAsync(content, stuff: false, ct);
        }
        else
        {
            dataReply ??= await AskAsync("DATA\r\n", options.DataTimeout, ct);
            if (dataReply.Code != 354)
            {
                await ResetAsync(ct);
                return Results(recipients, replies, accepted, dataReply);
            }

            await WriteAsync(content, stuff: true, ct);
            Committed = true;
            await connection.SendAsync(".\r\n", ct);
        }

        await connection.FlushAsync(ct);
        final = await connection.ReadAsync(options.FinalTimeout, ct);
        return Results(recipients, replies, accepted, final);
    }

    private async Task<RemoteReply> AskAsync(string command, TimeSpan timeout, CancellationToken ct)
    {
        await connection.SendAsync(command, ct);
        await connection.FlushAsync(ct);
        return await connection.ReadAsync(timeout, ct);
    }

    // DATA was pipelined and granted although no recipient stands: an empty message ends it and goes nowhere (RFC 2920 §3.1).
    private async Task FinishEmptyAsync(CancellationToken ct)
    {
        await connection.SendAsync(".\r\n", ct);
        await connection.FlushAsync(ct);
        await connection.ReadAsync(options.CommandTimeout, ct);
    }

    private async Task ResetAsync(CancellationToken ct)
    {
        if (!connection.Broken)
        {
            await AskAsync("RSET\r\n", options.CommandTimeout, ct);
        }
    }

    private async Task WriteAsync(OutgoingMessage content, bool stuff, CancellationToken ct)
    {
        // Signatures never begin a line with a dot.
        await connection.WriteAsync(content.Prepend, ct);
        await using var source = content.Bytes.OpenRead();
        var block = new byte[32 * 1024];
        var stuffed = new byte[stuff ? block.Length * 2 : 0];
        var lineStart = true;
        for (int n; (n = await source.ReadAsync(block, ct)) > 0;)
        {
            if (!stuff)
            {
                await connection.WriteAsync(block.AsMemory(0, n), ct);
                continue;
            }

            var length = Stuff(block.AsSpan(0, n), stuffed, ref lineStart);
            await connection.WriteAsync(stuffed.AsMemory(0, length), ct);
        }
    }

    // RFC 5321 §4.5.2
    private static int Stuff(ReadOnlySpan<byte> source, Span<byte> target, ref bool lineStart)
    {
        var length = 0;
        foreach (var b in source)
        {
            if (lineStart && b == '.')
            {
                target[length++] = (byte)'.';
            }

            target[length++] = b;
            lineStart = b == '\n';
        }

        return length;
    }

    private string MailLine(LeasedMessage message, OutgoingMessage content, bool utf8)
    {
        var line = new StringBuilder($"MAIL FROM:<{message.ReversePath}>");
        if (connection.Offers("SIZE"))
        {
            line.Append(CultureInfo.InvariantCulture, $" SIZE={content.Length}");
        }

        // Without 8BITMIME the octets are sent as they are: re-encoding would break signatures, and servers that mangle them are gone.
        if (content.Has8Bit && connection.Offers("8BITMIME"))
        {
            line.Append(" BODY=8BITMIME");
        }

        if (utf8)
        {
            line.Append(" SMTPUTF8");
        }

        if (connection.Offers("DSN"))
        {
            if (message.ReturnFull)
            {
                line.Append(" RET=FULL");
            }

            if (message.EnvelopeId is { Length: > 0 and <= 100 } id)
            {
                line.Append(" ENVID=").Append(Xtext(id));
            }
        }

        return line.Append("\r\n").ToString();
    }

    private string RcptLine(LeasedRecipient recipient)
    {
        var line = new StringBuilder($"RCPT TO:<{recipient.Recipient}>");
        if (connection.Offers("DSN"))
        {
            if (recipient.Notify.HasFlag(DsnNotify.Never))
            {
                line.Append(" NOTIFY=NEVER");
            }
            else if (recipient.Notify != DsnNotify.Default)
            {
                var words = new List<string>();
                foreach (var (flag, word) in ((DsnNotify, string)[])[(DsnNotify.Success, "SUCCESS"), (DsnNotify.Failure, "FAILURE"), (DsnNotify.Delay, "DELAY")])
                {
                    if (recipient.Notify.HasFlag(flag))
                    {
                        words.Add(word);
                    }
                }

                line.Append(" NOTIFY=").AppendJoin(',', words);
            }

            if (recipient.OriginalRecipient is { } original && original.IndexOf(';', StringComparison.Ordinal) is > 0 and var at
                && original.AsSpan(0, at).IndexOfAnyExcept(AddressType) < 0
                && original.Length <= 400)
            {
                line.Append(" ORCPT=").Append(original.AsSpan(0, at + 1)).Append(Xtext(original[(at + 1)..].Trim()));
            }
        }

        return line.Append("\r\n").ToString();
    }

    // xtext   RFC 3461 §4
    private static string Xtext(string text)
    {
        var b = new StringBuilder();
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            if (octet is > 32 and < 127 and not (byte)'+' and not (byte)'=')
            {
                b.Append((char)octet);
            }
            else
            {
                b.Append(CultureInfo.InvariantCulture, $"+{octet:X2}");
            }
        }

        return b.ToString();
    }

    private Attempt[] Results(
        IReadOnlyList<LeasedRecipient> recipients, RemoteReply[] replies, HashSet<int> accepted, RemoteReply? final)
    {
        var attempts = new Attempt[recipients.Count];
        for (var i = 0; i < attempts.Length; i++)
        {
            var reply = accepted.Contains(i) ? final! : replies[i];
            var result = accepted.Contains(i) && reply.Code is >= 200 and < 300
                ? connection.Offers("DSN") ? AttemptResult.Delivered : AttemptResult.Relayed
                : reply.Permanent ? AttemptResult.Failed : AttemptResult.Deferred;
            attempts[i] = new Attempt(recipients[i], result, reply.ToString(), connection.RemoteName);
        }

        return attempts;
    }

    private Attempt[] All(IReadOnlyList<LeasedRecipient> recipients, AttemptResult result, string reply) =>
        [.. recipients.Select(r => new Attempt(r, result, reply, connection.RemoteName))];
}

/// <summary>The lease ran out while the envelope was sent; nothing was committed.</summary>
internal sealed class LeaseLostException : Exception;
