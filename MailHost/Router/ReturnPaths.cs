using System.Security.Cryptography;
using MimeKit;
using SaaS.Domain.Common;
using SaaS.Domain.Keys;
using SaaS.Domain.Messages;
using SaaS.Domain.Queue;
using SaaS.MailHost.MailAuth;
using SaaS.MailHost.MailAuth.Srs;

namespace SaaS.MailHost.Router;

/// <summary>The reverse-paths of forwarded mail: given out by the relay, taken back by the router. The key is one for all nodes.</summary>
internal sealed class ReturnPaths(ServerKeyStore store, MailAuthOptions options, RouterOptions router, TimeProvider clock)
{
    private const string Purpose = "srs";
    private const int MaxReport = 1024 * 1024;
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private IReadOnlyList<byte[]>? _keys;
    private long _at;

    public string Domain => options.SrsDomain;

    public bool IsOurs(MailAddress address) => address.Domain == options.SrsDomain && SrsAddress.IsSrs(address.LocalPart);

    /// <summary>The sender as it is told to the next host; its own where the whole would be too long.</summary>
    public MailAddress Forward(MailAddress sender) => SrsAddress.Forward(sender, options.SrsDomain, Keys()[^1], clock.GetUtcNow()) ?? sender;

    /// <summary>The sender that a report goes back to; null where the address was not made here, or too long ago.</summary>
    public MailAddress? Reverse(MailAddress address) => SrsAddress.Reverse(address.LocalPart, Keys(), clock.GetUtcNow());

    /// <summary>A report without what the sender has no right to know: to which address its recipient forwards, and what that host says. Other messages
    /// stay as they are.</summary>
    public async Task<MessageBytes> RewriteReportAsync(MessageBytes report, MailAddress sender, CancellationToken ct)
    {
        var start = new byte[Math.Min(report.Length, MaxReport)];
        await using (var stream = report.OpenRead())
        {
            await stream.ReadExactlyAsync(start, ct);
        }

        var (status, action, original) = ("5.0.0", ReportAction.Failed, (MimeMessage?)null);
        try
        {
            using var parsed = await MimeMessage.LoadAsync(new MemoryStream(start), ct);
            foreach (var part in parsed.BodyParts)
            {
                if (part is MessageDeliveryStatus delivery && delivery.StatusGroups.Skip(1).FirstOrDefault() is { } fields)
                {
                    status = fields["Status"] is { } s && s.Split(' ')[0] is { Length: <= 9 } code && code.All(c => char.IsAsciiDigit(c) || c == '.') ? code : status;
                    action = fields["Action"]?.Trim().ToLowerInvariant() switch
                    {
                        "delayed" => ReportAction.Delayed,
                        "delivered" => ReportAction.Delivered,
                        "relayed" or "expanded" => ReportAction.Relayed,
                        _ => action,
                    };
                }
                else if (part is MessagePart { Message: { } whole })
                {
                    original = whole;
                }
            }

            var now = clock.GetUtcNow();
            var text = new MessageBytes();
            text.Write(Header(original));
            using (text)
            {
                return await DeliveryReport.WriteAsync(
                    new LeasedMessage
                    {
                        Id = 0,
                        Tenant = null,
                        Account = null,
                        ReversePath = sender,
                        EnvelopeId = null,
                        ReturnFull = false,
                        SmtpUtf8 = false,
                        EightBit = true,
                        Size = 0,
                        CreatedAt = now,
                        ExpiresAt = now,
                        Recipients = [],
                    },
                    text,
                    [new ReportedRecipient($"recipient@{options.SrsDomain}", null, action, $"{status} The recipient has mail forwarded, and the host there does not take it.", null, null)],
                    router.HostName, now, ct);
            }
        }
        catch (FormatException)
        {
            return MessageBytes.From("Subject: Undelivered Mail Returned to Sender\r\n\r\nA message of yours could not be delivered.\r\n"u8);
        }
    }

    // What the sender wrote itself, nothing of the way that it went.
    private static byte[] Header(MimeMessage? original)
    {
        var lines = new System.Text.StringBuilder();
        foreach (var id in (HeaderId[])[HeaderId.From, HeaderId.Subject, HeaderId.Date, HeaderId.MessageId])
        {
            if (original?.Headers[id] is { Length: < 900 } value)
            {
                var line = new string([.. value.Where(c => !char.IsControl(c))]);
                lines.Append(id == HeaderId.MessageId ? "Message-ID" : id.ToString()).Append(": ").Append(line).Append("\r\n");
            }
        }

        return System.Text.Encoding.UTF8.GetBytes(lines.Append("\r\n").ToString());
    }

    private IReadOnlyList<byte[]> Keys()
    {
        lock (_lock)
        {
            if (_keys is not null && clock.GetElapsedTime(_at) < Remembered)
            {
                return _keys;
            }

            var rows = store.List(Purpose);
            if (rows.Count == 0)
            {
                store.Add(Purpose, "1", Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
                rows = store.List(Purpose);
            }

            _at = clock.GetTimestamp();
            return _keys = [.. rows.Select(r => Convert.FromBase64String(r.Value))];
        }
    }
}
