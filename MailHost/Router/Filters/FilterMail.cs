using System.Text;
using MimeKit;
using MimeKit.Utils;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using SaaS.Domain.Sieve;

namespace SaaS.MailHost.Router.Filters;

/// <summary>Writes the messages that filters send.</summary>
/// <remarks>RFC 3834 §3, RFC 5230 §5, RFC 5436 §2.</remarks>
internal static class FilterMail
{
    private const int MaxSubject = 500;
    private const int MaxReferences = 20;

    public static MessageBytes Vacation(SieveAction.Vacation action, LocalMessage original, ParsedMessage parsed, string from, string name, string hostName, DateTimeOffset now)
    {
        var message = Start(hostName, now);
        message.From.Add(From(action.From, from, name));
        message.To.Add(new MailboxAddress("", original.ReversePath!.ToString()));
        message.Subject = OneLine(action.Subject ?? $"Auto: {parsed.Envelope.Subject}");
        if (parsed.Envelope.MessageId is { } id && MimeUtils.ParseMessageId(id) is { Length: > 0 } known)
        {
            message.InReplyTo = known;
            foreach (var reference in (parsed.Envelope.References ?? []).TakeLast(MaxReferences))
            {
                if (MimeUtils.ParseMessageId(reference) is { Length: > 0 } earlier)
                {
                    message.References.Add(earlier);
                }
            }

            message.References.Add(known);
        }

        message.Headers.Add("Auto-Submitted", "auto-replied (vacation)");
        message.Headers.Add("X-Auto-Response-Suppress", "All");
        message.Body = Body(action);
        return Bytes(message);
    }

    public static MessageBytes Notification(SieveAction.Notify action, string from, string name, string hostName, DateTimeOffset now)
    {
        var message = Start(hostName, now);
        message.From.Add(From(action.From, from, name));
        foreach (var to in action.To)
        {
            message.To.Add(new MailboxAddress("", to.ToString()));
        }

        message.Subject = OneLine(action.Subject);
        message.Headers.Add("Auto-Submitted", $"auto-notified; owner-email=\"{from}\"");
        message.Importance = action.Importance switch { 1 => MessageImportance.High, 3 => MessageImportance.Low, _ => MessageImportance.Normal };
        message.Body = Text("plain", action.Body);
        return Bytes(message);
    }

    /// <summary>To the owner, into the inbox.</summary>
    public static MessageBytes Failure(string error, string? subject, string owner, string hostName, DateTimeOffset now)
    {
        var message = Start(hostName, now);
        message.From.Add(new MailboxAddress("Mail filter", $"postmaster@{hostName}"));
        message.To.Add(new MailboxAddress("", owner));
        message.Subject = "Your mail filter could not be run";
        message.Headers.Add("Auto-Submitted", "auto-generated");
        message.Body = Text("plain", $"""
            A message arrived that your mail filter could not be run for.
            It was not lost: it is in your inbox.

            Message: {OneLine(subject ?? "(no subject)")}
            Reason:  {OneLine(error)}

            Please look at your filter. You are told at most once a day.

            """);
        return Bytes(message);
    }

    private static MimeMessage Start(string hostName, DateTimeOffset now)
    {
        var message = new MimeMessage();
        message.Headers.Clear();
        message.Date = now;
        message.MessageId = $"{Guid.NewGuid():N}@{hostName}";
        return message;
    }

    private static MimeEntity Body(SieveAction.Vacation action)
    {
        if (action.Mime)
        {
            try
            {
                using var stream = new MemoryStream(Encoding.UTF8.GetBytes(action.Reason));
                return MimeEntity.Load(stream);
            }
            catch (FormatException)
            {
                return Text("plain", action.Reason);
            }
        }

        return action.Html is null ? Text("plain", action.Reason)
            : action.Reason.Length == 0 ? Text("html", action.Html)
            : new Multipart("alternative") { Text("plain", action.Reason), Text("html", action.Html) };
    }

    private static TextPart Text(string subtype, string text) => new(subtype)
    {
        Text = text.ReplaceLineEndings("\r\n"),
        ContentTransferEncoding = ContentEncoding.QuotedPrintable,
    };

    private static MailboxAddress From(string? wanted, string own, string name) =>
        wanted is not null && MailboxAddress.TryParse(wanted, out var parsed) && parsed is not null && MailAddress.TryParse(parsed.Address, out _) ? parsed
        : new MailboxAddress(name, own);

    private static string OneLine(string text)
    {
        var line = new string([.. text.Select(c => char.IsControl(c) ? ' ' : c)]).Trim();
        return line.Length > MaxSubject ? line[..MaxSubject] : line;
    }

    private static MessageBytes Bytes(MimeMessage message)
    {
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        format.EnsureNewLine = true;
        using var stream = new MemoryStream();
        message.WriteTo(format, stream);
        return MessageBytes.From(stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }
}
