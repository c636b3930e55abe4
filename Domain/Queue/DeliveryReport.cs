using System.Globalization;
using System.Text;
using SaaS.Domain.Messages;

namespace SaaS.Domain.Queue;

/// <summary>Action field of RFC 3464 §2.3.3.</summary>
public enum ReportAction
{
    Failed,
    Delayed,
    Delivered,
    /// <summary>Handed to a host that sends no reports of its own.</summary>
    Relayed,
}

/// <summary>What a report says of one recipient.</summary>
/// <param name="Reply">The remote's reply ("550 5.1.1 …"), or our own reason ("5.4.7 …").</param>
public sealed record ReportedRecipient(
    string Recipient, string? OriginalRecipient, ReportAction Action, string Reply, string? RemoteHost, DateTimeOffset? WillRetryUntil);

/// <summary>Writes a delivery status notification: multipart/report with text, status and the message or its header.</summary>
/// <remarks>RFC 3461 §6, RFC 3462/6522, RFC 3464, RFC 6533 for addresses outside ASCII.</remarks>
public static class DeliveryReport
{
    private const int MaxReturned = 10 * 1024 * 1024;
    private const int MaxHeader = 64 * 1024;

    public static async Task<MessageBytes> WriteAsync(
        LeasedMessage message, MessageBytes? original, IReadOnlyList<ReportedRecipient> recipients, string hostName, DateTimeOffset now, CancellationToken ct)
    {
        var boundary = $"report-{Guid.NewGuid():N}";
        var failed = recipients.Any(r => r.Action == ReportAction.Failed);
        var delayed = !failed && recipients.Any(r => r.Action == ReportAction.Delayed);
        var subject = failed ? "Undelivered Mail Returned to Sender" : delayed ? "Delayed Mail (still being retried)" : "Successful Mail Delivery Report";
        var to = message.ReversePath!.ToString();

        // RET=FULL is for failures only (RFC 3461 §4.3).
        var full = failed && message.ReturnFull && original is { Length: <= MaxReturned };
        var b = new StringBuilder();
        Line(b, $"From: Mail Delivery System <MAILER-DAEMON@{hostName}>");
        Line(b, $"To: <{to}>");
        Line(b, $"Subject: {subject}");
        Line(b, $"Date: {MimeKit.Utils.DateUtils.FormatDate(now)}");
        Line(b, $"Message-ID: <{Guid.NewGuid():N}@{hostName}>");
        Line(b, "Auto-Submitted: auto-replied");
        Line(b, "MIME-Version: 1.0");
        Line(b, $"Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"{boundary}\"");
        Line(b, "Content-Transfer-Encoding: 8bit");
        Line(b, "");
        Line(b, $"--{boundary}");
        Line(b, "Content-Type: text/plain; charset=utf-8");
        Line(b, "Content-Transfer-Encoding: 8bit");
        Line(b, "");
        WriteText(b, message, recipients, hostName, failed, delayed);
        Line(b, $"--{boundary}");
        Line(b, "Content-Type: message/delivery-status");
        Line(b, "");
        WriteStatus(b, message, recipients, hostName, now);
        if (original is not null)
        {
            Line(b, $"--{boundary}");
            Line(b, full ? "Content-Type: message/rfc822" : "Content-Type: text/rfc822-headers; charset=utf-8");
            Line(b, "Content-Transfer-Encoding: 8bit");
            Line(b, "");
        }

        var report = new MessageBytes();
        report.Write(Encoding.UTF8.GetBytes(b.ToString()));
        if (original is not null)
        {
            await AppendAsync(report, original, full, ct);
            report.Write("\r\n"u8);
        }

        report.Write(Encoding.ASCII.GetBytes($"--{boundary}--\r\n"));
        return report;
    }

    private static void WriteText(
        StringBuilder b, LeasedMessage message, IReadOnlyList<ReportedRecipient> recipients, string hostName, bool failed, bool delayed)
    {
        Line(b, $"This is the mail system at {hostName}.");
        Line(b, "");
        Line(b, failed ? "Your message could not be delivered to one or more recipients."
            : delayed ? "Your message could not be delivered yet. It is still being tried;\r\nyou do not need to send it again."
            : "Your message was delivered to the recipients below.");
        Line(b, "");
        foreach (var r in recipients)
        {
            Line(b, $"<{r.Recipient}>");
            Line(b, r.RemoteHost is null ? Wrap(r.Reply) : Wrap($"{r.RemoteHost} said: {r.Reply}"));
            Line(b, "");
        }

        if (message.EnvelopeId is { } id)
        {
            Line(b, $"Envelope id: {Clean(id)}");
            Line(b, "");
        }
    }

    private static void WriteStatus(
        StringBuilder b, LeasedMessage message, IReadOnlyList<ReportedRecipient> recipients, string hostName, DateTimeOffset now)
    {
        if (message.EnvelopeId is { } id)
        {
            Line(b, $"Original-Envelope-Id: {Clean(id)}");
        }

        Line(b, $"Reporting-MTA: dns; {hostName}");
        Line(b, $"Arrival-Date: {MimeKit.Utils.DateUtils.FormatDate(message.CreatedAt)}");
        Line(b, "");
        foreach (var r in recipients)
        {
            if (r.OriginalRecipient is { } original)
            {
                Line(b, $"Original-Recipient: {AsciiAddress(original)}");
            }

            Line(b, $"Final-Recipient: {(Ascii.IsValid(r.Recipient) ? "rfc822; " + r.Recipient : "utf-8; " + UnicodeXtext(r.Recipient))}");
            Line(b, $"Action: {r.Action switch
            {
                ReportAction.Failed => "failed",
                ReportAction.Delayed => "delayed",
                ReportAction.Delivered => "delivered",
                ReportAction.Relayed => "relayed",
            }}");
            Line(b, $"Status: {StatusCode(r.Reply, r.Action)}");
            if (r.RemoteHost is { } host)
            {
                Line(b, $"Remote-MTA: dns; {Clean(host)}");
                Line(b, $"Diagnostic-Code: smtp; {OneLine(r.Reply)}");
            }
            else
            {
                Line(b, $"Diagnostic-Code: x-postyard; {OneLine(r.Reply)}");
            }

            Line(b, $"Last-Attempt-Date: {MimeKit.Utils.DateUtils.FormatDate(now)}");
            if (r.WillRetryUntil is { } until)
            {
                Line(b, $"Will-Retry-Until: {MimeKit.Utils.DateUtils.FormatDate(until)}");
            }

            Line(b, "");
        }
    }

    private static async Task AppendAsync(MessageBytes report, MessageBytes original, bool full, CancellationToken ct)
    {
        await using var source = original.OpenRead();
        if (full)
        {
            QueueBody.Copy(source, report);
            return;
        }

        var start = new byte[MaxHeader];
        var n = await source.ReadAtLeastAsync(start, MaxHeader, throwOnEndOfStream: false, ct);
        var header = start.AsSpan(0, n);
        var end = header.IndexOf("\r\n\r\n"u8);
        report.Write(end >= 0 ? header[..(end + 2)] : header[..(header.LastIndexOf("\r\n"u8) is >= 0 and var last ? last + 2 : 0)]);
    }

    /// <summary>The enhanced code in a reply, else one made from its class (RFC 3463).</summary>
    public static string StatusCode(string reply, ReportAction action)
    {
        foreach (var word in reply.Split(' ', 4, StringSplitOptions.RemoveEmptyEntries).Take(2))
        {
            var parts = word.Split('.');
            if (parts.Length == 3 && parts[0] is "2" or "4" or "5" && parts[1..].All(p => p.Length is 1 or 2 or 3 && p.All(char.IsAsciiDigit)))
            {
                // A deferred recipient that expired has failed, whatever the last reply's class.
                var code = action switch { ReportAction.Failed => '5', ReportAction.Delayed => '4', _ => '2' };
                return code + word[1..];
            }
        }

        return action switch { ReportAction.Failed => "5.0.0", ReportAction.Delayed => "4.0.0", _ => "2.0.0" };
    }

    private static string AsciiAddress(string typed) =>
        Ascii.IsValid(typed) ? Clean(typed) : $"utf-8; {UnicodeXtext(typed[(typed.IndexOf(';', StringComparison.Ordinal) + 1)..].Trim())}";

    // utf-8-addr-xtext   RFC 6533 §3
    private static string UnicodeXtext(string address)
    {
        var b = new StringBuilder();
        foreach (var rune in address.EnumerateRunes())
        {
            if (rune.IsAscii && rune.Value is > 32 and < 127 && rune.Value is not ('+' or '=' or '\\'))
            {
                b.Append((char)rune.Value);
            }
            else
            {
                b.Append(CultureInfo.InvariantCulture, $"\\x{{{rune.Value:X}}}");
            }
        }

        return b.ToString();
    }

    private static string OneLine(string text)
    {
        var clean = Clean(text);
        return clean.Length > 900 ? clean[..900] : clean;
    }

    // Replies are a stranger's text: no control characters, nothing outside ASCII in a header.
    private static string Clean(string text) =>
        string.Create(text.Length, text, (span, t) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = t[i] is >= ' ' and < (char)127 ? t[i] : ' ';
            }
        }).Trim();

    private static string Wrap(string text)
    {
        var b = new StringBuilder("   ");
        var column = 3;
        foreach (var word in Clean(text).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var piece = word.Length > 500 ? word[..500] : word;
            if (column > 3 && column + piece.Length > 76)
            {
                b.Append("\r\n   ");
                column = 3;
            }

            b.Append(' ').Append(piece);
            column += piece.Length + 1;
        }

        return b.ToString();
    }

    private static void Line(StringBuilder b, string text) => b.Append(text).Append("\r\n");
}
