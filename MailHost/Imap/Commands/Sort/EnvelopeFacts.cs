using System.Text.Json;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using SaaS.Domain.Messages.Search;
using SaaS.MailHost.Imap.Commands.Search;

namespace SaaS.MailHost.Imap.Commands.Sort;

/// <summary>Which parts of the envelope an order needs.</summary>
[Flags]
internal enum EnvelopeParts
{
    None = 0,
    Date = 1,
    Subject = 2,
    From = 4,
    To = 8,
    Cc = 16,
    DisplayFrom = 32,
    DisplayTo = 64,
    Ids = 128,
}

/// <summary>A message with what orders it.</summary>
internal sealed class Sortable
{
    public uint Uid { get; init; }

    public long Content { get; init; }

    public int Size { get; init; }

    /// <summary>Internal date, seconds since 1970.</summary>
    public long Arrival { get; init; }

    public long ModSeq { get; init; }

    /// <summary>Date header in seconds since 1970; the internal date where it is missing (RFC 5256 §2.2).</summary>
    public long Sent { get; set; }

    /// <summary>Base subject (RFC 5256 §2.1), folded.</summary>
    public string Subject { get; set; } = "";

    /// <summary>The subject had a reply or forward mark.</summary>
    public bool IsReply { get; set; }

    public string From { get; set; } = "";

    public string To { get; set; } = "";

    public string Cc { get; set; } = "";

    public string DisplayFrom { get; set; } = "";

    public string DisplayTo { get; set; } = "";

    public string? MessageId { get; set; }

    /// <summary>References, else the first id of In-Reply-To.</summary>
    public IReadOnlyList<string> References { get; set; } = [];
}

/// <summary>Reads what orders messages: of the contents only the envelope, by pages, and of that only what is asked for.</summary>
/// <remarks>RFC 5256 §2 and §3; display names RFC 5957 §2.</remarks>
internal sealed class EnvelopeFacts(MailboxReader reader)
{
    private const int Page = 2000;
    private const int MaxKey = 256;

    public async ValueTask<List<Sortable>> ReadAsync(
        AccountId account, List<Found> found, EnvelopeParts parts, SearchProgressTeller progress, CancellationToken ct)
    {
        var all = found.ConvertAll(f => new Sortable
        {
            Uid = f.Uid,
            Content = f.Content,
            Size = f.Size,
            Arrival = f.Date,
            ModSeq = f.ModSeq,
            Sent = f.Date,
        });
        if (parts == EnvelopeParts.None)
        {
            return all;
        }

        // Copies of a message share its content; the reader wants each once, ascending.
        var byContent = all.GroupBy(m => m.Content).OrderBy(g => g.Key).ToList();
        var done = 0L;
        foreach (var chunk in byContent.Chunk(Page))
        {
            using var page = await reader.ReadContentsAsync(account, [.. chunk.Select(g => g.Key)], ContentColumns.Envelope, ct);
            foreach (var same in chunk)
            {
                if (page.Find(same.Key))
                {
                    var envelope = JsonSerializer.Deserialize(page.Field(ContentColumns.Envelope), MessageJson.Default.MessageEnvelope)!;
                    foreach (var message in same)
                    {
                        Fill(message, envelope, parts);
                    }
                }
            }

            done += chunk.Length;
            await progress(done, byContent.Count, ct);
        }

        return all;
    }

    private static void Fill(Sortable m, MessageEnvelope e, EnvelopeParts parts)
    {
        if (parts.HasFlag(EnvelopeParts.Date) && e.Date is { } date && MimeKit.Utils.DateUtils.TryParse(date, out var sent))
        {
            m.Sent = sent.ToUnixTimeSeconds();
        }

        if (parts.HasFlag(EnvelopeParts.Subject) && e.Subject is { } subject)
        {
            var whole = string.Join(' ', subject.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            var plain = BaseSubject.Of(subject, foreignMarks: false);
            m.IsReply = plain.Length != whole.Length;
            m.Subject = Key(plain);
        }

        if (parts.HasFlag(EnvelopeParts.From))
        {
            m.From = Mailbox(e.From);
        }

        if (parts.HasFlag(EnvelopeParts.To))
        {
            m.To = Mailbox(e.To);
        }

        if (parts.HasFlag(EnvelopeParts.Cc))
        {
            m.Cc = Mailbox(e.Cc);
        }

        if (parts.HasFlag(EnvelopeParts.DisplayFrom))
        {
            m.DisplayFrom = Display(e.From);
        }

        if (parts.HasFlag(EnvelopeParts.DisplayTo))
        {
            m.DisplayTo = Display(e.To);
        }

        if (parts.HasFlag(EnvelopeParts.Ids))
        {
            m.MessageId = Id(e.MessageId);
            m.References = e.References is { Count: > 0 } references ? references
                : Id(e.InReplyTo) is { } parent ? [parent]
                : [];
        }
    }

    // RFC 5256 §3: [IMAP] addr-mailbox of the first address.
    private static string Mailbox(IReadOnlyList<HeaderAddress>? addresses) =>
        addresses is [var first, ..] ? Key(first.Local ?? first.Group ?? "") : "";

    // RFC 5957 §2: the display name, else mailbox@host; a group by its name.
    private static string Display(IReadOnlyList<HeaderAddress>? addresses) =>
        addresses is [var first, ..] ? Key(first.Group ?? (string.IsNullOrEmpty(first.Name) ? first.Email ?? "" : first.Name)) : "";

    /// <summary>The first id in angle brackets.</summary>
    private static string? Id(string? text)
    {
        var open = text?.IndexOf('<', StringComparison.Ordinal) ?? -1;
        var close = open < 0 ? -1 : text!.IndexOf('>', open);
        return close > open + 1 ? text![open..(close + 1)] : null;
    }

    // What differs only behind so much is as good as equal, and costs no memory.
    private static string Key(string text) => CaseMap.Fold(text.Length > MaxKey ? text.AsSpan(0, MaxKey) : text);
}
