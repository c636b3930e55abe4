using System.Globalization;
using SaaS.Domain.Common;

namespace SaaS.Domain.Messages;

/// <summary>Takes the text of one content, UTF-8, in the buffer that it was received into.</summary>
public delegate void TextVisitor(long content, ReadOnlySpan<byte> text);

public sealed partial class MailboxReader
{
    /// <summary>Columns of these contents; those that have gone are not in it. Meant for hundreds to thousands at once.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="contents">Ascending, each once.</param>
    /// <param name="columns">Which.</param>
    /// <param name="ct">Cancels.</param>
    public async Task<ContentPage> ReadContentsAsync(
        AccountId account, IReadOnlyList<long> contents, ContentColumns columns, CancellationToken ct)
    {
        var page = new ContentPage(columns);
        try
        {
            if (contents.Count == 0)
            {
                return page;
            }

            var select = "SELECT id"
                + (columns.HasFlag(ContentColumns.Envelope) ? ", envelope" : "")
                + (columns.HasFlag(ContentColumns.Structure) ? ", structure" : "")
                + (columns.HasFlag(ContentColumns.Preview) ? ", preview" : "")
                + (columns.HasFlag(ContentColumns.Header) ? ", header" : "")
                + $" FROM message_content WHERE account_id = {account.Value} AND {Among("id", contents)} ORDER BY id";
            await using var connection = await database.OpenAsync(account, ct);
            await using var rows = await CopyRows.OpenAsync(connection, select, 5, ct);
            while (await rows.ReadAsync(ct))
            {
                page.Add(rows);
            }

            return page;
        }
        catch
        {
            page.Dispose();
            throw;
        }
    }

    /// <summary>Hands on the indexed texts of these contents; what is not indexed is passed over.</summary>
    /// <inheritdoc cref="ReadContentsAsync"/>
    public async Task VisitTextsAsync(AccountId account, IReadOnlyList<long> contents, TextVisitor visit, CancellationToken ct)
    {
        if (contents.Count == 0)
        {
            return;
        }

        var select = $"SELECT content_id, text FROM message_search WHERE account_id = {account.Value} AND {Among("content_id", contents)}";
        await using var connection = await database.OpenAsync(account, ct);
        await using var rows = await CopyRows.OpenAsync(connection, select, 2, ct);
        while (await rows.ReadAsync(ct))
        {
            visit(rows.Int64(0), rows.Bytes(1));
        }
    }

    /// <summary>A range where there is little else in it: it is read in the order in which it lies on disk.</summary>
    private static string Among(string column, IReadOnlyList<long> contents) =>
        contents[^1] - contents[0] < contents.Count * 2L
            ? string.Create(CultureInfo.InvariantCulture, $"{column} BETWEEN {contents[0]} AND {contents[^1]}")
            : $"{column} = ANY('{{{string.Join(',', contents)}}}')";
}
