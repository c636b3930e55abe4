using System.Globalization;
using Npgsql;
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

            var select = $"SELECT {Names(columns)} FROM message_content WHERE account_id = {account.Value} AND {Among("id", contents)} ORDER BY id";
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

    /// <summary>The same of fewer, in one round trip with HIGHESTMODSEQ of a mailbox: 0 where it is gone.</summary>
    /// <inheritdoc cref="ReadContentsAsync(AccountId, IReadOnlyList{long}, ContentColumns, CancellationToken)"/>
    public async Task<(ContentPage Page, ModSeq Highest)> ReadContentsAsync(
        AccountId account, MailboxId mailbox, IReadOnlyList<long> contents, ContentColumns columns, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var batch = new NpgsqlBatch(connection);
        var state = new NpgsqlBatchCommand("SELECT highest_mod_seq FROM mailbox WHERE account_id = $1 AND id = $2");
        state.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        state.Parameters.Add(new NpgsqlParameter<long> { TypedValue = mailbox.Value });
        batch.BatchCommands.Add(state);
        var dense = IsDense(contents);
        var select = new NpgsqlBatchCommand(
            $"SELECT {Names(columns)} FROM message_content WHERE account_id = $1 AND {(dense ? "id BETWEEN $2 AND $3" : "id = ANY($2)")} ORDER BY id");
        select.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        if (dense)
        {
            select.Parameters.Add(new NpgsqlParameter<long> { TypedValue = contents.Count > 0 ? contents[0] : 1 });
            select.Parameters.Add(new NpgsqlParameter<long> { TypedValue = contents.Count > 0 ? contents[^1] : 0 });
        }
        else
        {
            select.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. contents] });
        }

        batch.BatchCommands.Add(select);
        var page = new ContentPage(columns);
        try
        {
            await using var reader = await batch.ExecuteReaderAsync(ct);
            var highest = await reader.ReadAsync(ct) ? reader.GetInt64(0) : 0;
            await reader.NextResultAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                page.Add(reader);
            }

            return (page, new ModSeq(highest));
        }
        catch
        {
            page.Dispose();
            throw;
        }
    }

    /// <summary>Hands on the indexed texts of these contents; what is not indexed is passed over.</summary>
    /// <inheritdoc cref="ReadContentsAsync(AccountId, IReadOnlyList{long}, ContentColumns, CancellationToken)"/>
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

    private static string Names(ContentColumns columns) => "id"
        + (columns.HasFlag(ContentColumns.Envelope) ? ", envelope" : "")
        + (columns.HasFlag(ContentColumns.Structure) ? ", structure" : "")
        + (columns.HasFlag(ContentColumns.Preview) ? ", preview" : "")
        + (columns.HasFlag(ContentColumns.Header) ? ", header" : "");

    /// <summary>Little else lies in their range: it is read in the order in which it stands on disk.</summary>
    private static bool IsDense(IReadOnlyList<long> contents) => contents.Count == 0 || contents[^1] - contents[0] < contents.Count * 2L;

    private static string Among(string column, IReadOnlyList<long> contents) => IsDense(contents)
        ? string.Create(CultureInfo.InvariantCulture, $"{column} BETWEEN {contents[0]} AND {contents[^1]}")
        : $"{column} = ANY('{{{string.Join(',', contents)}}}')";
}
