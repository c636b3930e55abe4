using MimeKit.Utils;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;

namespace SaaS.MailHost.Imap.Commands.Search;

/// <summary>Keys that no column answers: headers and bodies are read and looked through, a page of messages at a time.</summary>
internal sealed class TextScan(MailboxReader reader, MessageStore store)
{
    private const int Page = 200;
    private const int MaxChars = 8 * 1024 * 1024;

    public async ValueTask<HashSet<uint>> HeaderAsync(
        AccountId account, MailboxId mailbox, SearchKey.Header key, IReadOnlyList<uint> among, CancellationToken ct)
    {
        var found = new HashSet<uint>();
        foreach (var page in among.Chunk(Page))
        {
            foreach (var m in await reader.ReadAsync(account, mailbox, page, ContentColumns.Header, ct))
            {
                foreach (var (name, value) in HeaderFields.Read(m.Header!))
                {
                    if (name.Equals(key.Name, StringComparison.OrdinalIgnoreCase) && Contains(Decode(value), key.Value))
                    {
                        found.Add(m.Row.Uid.Value);
                        break;
                    }
                }
            }
        }

        return found;
    }

    public async ValueTask<HashSet<uint>> TextAsync(
        AccountId account, MailboxId mailbox, SearchKey.Text key, IReadOnlyList<uint> among, CancellationToken ct)
    {
        var found = new HashSet<uint>();
        foreach (var page in among.Chunk(Page))
        {
            foreach (var m in await reader.ReadAsync(account, mailbox, page, ContentColumns.Header | ContentColumns.Structure, ct))
            {
                if ((key.AndHeader && InHeader(m.Header!, key.Term)) || await InBodyAsync(account, m, key.Term, ct))
                {
                    found.Add(m.Row.Uid.Value);
                }
            }
        }

        return found;
    }

    private static bool InHeader(byte[] header, string term)
    {
        foreach (var (name, value) in HeaderFields.Read(header))
        {
            if (Contains(name + ": " + Decode(value), term))
            {
                return true;
            }
        }

        return false;
    }

    private async ValueTask<bool> InBodyAsync(AccountId account, ReadMessage m, string term, CancellationToken ct)
    {
        await using var raw = await store.OpenRawAsync(account, m.Row.Content, ct);
        return raw is not null && Contains(MessageParser.ExtractText(raw, m.Structure!, MaxChars), term);
    }

    private static string Decode(string value) =>
        value.Contains("=?", StringComparison.Ordinal) ? Rfc2047.DecodeText(System.Text.Encoding.UTF8.GetBytes(value)) : value;

    private static bool Contains(string text, string term) => text.Contains(term, StringComparison.OrdinalIgnoreCase);
}
