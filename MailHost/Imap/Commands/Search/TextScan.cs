using MimeKit.Utils;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using SaaS.Domain.Messages.Search;

namespace SaaS.MailHost.Imap.Commands.Search;

/// <summary>Keys that no column answers: texts are looked up in the search index, headers are read and looked through by pages.</summary>
internal sealed class TextScan(MailboxReader reader, MessageStore store, ISearchIndex index)
{
    private const int Page = 200;
    private const int HeaderPage = 2000;

    /// <summary>What is not indexed by then is read from the messages: slower, as right.</summary>
    private static readonly TimeSpan CatchUp = TimeSpan.FromSeconds(5);

    private const int MaxChars = 8 * 1024 * 1024;

    public async ValueTask<HashSet<uint>> HeaderAsync(
        AccountId account, MailboxId mailbox, SearchKey.Header key, IReadOnlyList<uint> among, CancellationToken ct)
    {
        var found = new HashSet<uint>();
        foreach (var page in among.Chunk(HeaderPage))
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

    /// <summary>
    /// The index holds the texts whole and answers; only what it does not hold whole is read from the messages themselves.
    /// </summary>
    /// <param name="account">Whose.</param>
    /// <param name="mailbox">Which.</param>
    /// <param name="key">What to look for.</param>
    /// <param name="among">Only these, ascending.</param>
    /// <param name="all">These are about all that there are.</param>
    /// <param name="ct">Cancels.</param>
    public async ValueTask<HashSet<uint>> TextAsync(
        AccountId account, MailboxId mailbox, SearchKey.Text key, IReadOnlyList<uint> among, bool all, CancellationToken ct)
    {
        await index.CatchUpAsync(account, CatchUp, ct);
        var found = new HashSet<uint>();
        var open = new List<uint>();
        var unindexed = new HashSet<uint>();
        foreach (var match in await reader.FindTextAsync(account, mailbox, key.Term, all ? null : among, ct))
        {
            if (match.Found)
            {
                found.Add(match.Uid);
                continue;
            }

            open.Add(match.Uid);
            if (!match.Indexed)
            {
                unindexed.Add(match.Uid);
            }
        }

        foreach (var page in open.Chunk(Page))
        {
            foreach (var m in await reader.ReadAsync(account, mailbox, page, ContentColumns.Structure, ct))
            {
                if ((unindexed.Contains(m.Row.Uid.Value) || LargestText(m.Structure!) > MailboxReader.WholeTextBytes)
                    && await InBodyAsync(account, m, key.Term, ct))
                {
                    found.Add(m.Row.Uid.Value);
                }
            }
        }

        if (key.AndHeader)
        {
            foreach (var page in among.Where(u => !found.Contains(u)).Chunk(HeaderPage))
            {
                foreach (var m in await reader.ReadAsync(account, mailbox, page, ContentColumns.Header, ct))
                {
                    if (InHeader(m.Header!, key.Term))
                    {
                        found.Add(m.Row.Uid.Value);
                    }
                }
            }
        }

        return found;
    }

    private static int LargestText(BodyPart part) => Math.Max(
        part.Type == "text" ? part.BodySize : 0,
        Math.Max(part.Message is { } inner ? LargestText(inner) : 0, part.Parts is { Count: > 0 } parts ? parts.Max(LargestText) : 0));

    private static bool InHeader(byte[] header, string term)
    {
        // Where nothing is folded or encoded in it, the block is the text.
        if (header.AsSpan().IndexOf("=?"u8) < 0 && header.AsSpan().IndexOf("\n "u8) < 0 && header.AsSpan().IndexOf("\n\t"u8) < 0
            && !Contains(System.Text.Encoding.UTF8.GetString(header), term))
        {
            return false;
        }

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
