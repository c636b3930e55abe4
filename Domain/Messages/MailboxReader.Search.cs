using Npgsql;
using SaaS.Domain.Common;
using SaaS.Domain.Messages.Search;

namespace SaaS.Domain.Messages;

/// <summary>A condition that only the parsed columns can answer; substrings are compared without case.</summary>
public abstract record MailboxCondition
{
    private MailboxCondition() { }

    public sealed record Subject(string Text) : MailboxCondition;

    public sealed record MessageIdHeader(string Text) : MailboxCondition;

    public sealed record InReplyTo(string Text) : MailboxCondition;

    /// <summary>From, To, Cc or Bcc; <paramref name="Key"/> is the property of <see cref="MessageEnvelope"/>'s JSON.</summary>
    public sealed record Address(char Key, string Text) : MailboxCondition;

    /// <summary>Day of the Date header, its zone disregarded; either end may be open.</summary>
    public sealed record Sent(DateOnly? From, DateOnly? Before) : MailboxCondition;

    public sealed record Saved(DateTimeOffset? From, DateTimeOffset? Before) : MailboxCondition;

    public sealed record EmailId(long Id) : MailboxCondition;

    public sealed record Thread(long Id) : MailboxCondition;
}

/// <summary>What the search index says of the text of a message where it cannot say no.</summary>
/// <param name="Uid">Of which.</param>
/// <param name="Found">The term is in it. False: it may be in what is not indexed.</param>
/// <param name="Indexed">False: nothing of it is indexed yet, or so much that there may be more. True: only a very large part may hold more.</param>
public readonly record struct TextMatch(uint Uid, bool Found, bool Indexed);

public sealed partial class MailboxReader
{
    /// <summary>
    /// A message that is no larger, or whose text parts are not, is indexed whole where at most half of the room for its text was needed:
    /// the extractor reads eight octets for each character that there is still room for.
    /// </summary>
    public const int WholeTextBytes = PostgresSearchIndex.MaxText / 2 * 8;

    /// <summary>The messages whose text has the term, and those where only the message itself can tell; ascending by UID.</summary>
    public async Task<List<TextMatch>> FindTextAsync(
        AccountId account, MailboxId mailbox, string term, IReadOnlyList<uint>? among, CancellationToken ct)
    {
        var parameters = new List<NpgsqlParameter>();
        var has = Contains("x.text", term, parameters);
        var limits = among is null ? "" : " AND m.uid = ANY(" + Parameter(Array(among), parameters) + ")";
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new NpgsqlCommand($"""
            SELECT uid, found, indexed FROM (
              SELECT m.uid, ({has}) IS TRUE AS found, coalesce(octet_length(x.text) <= {PostgresSearchIndex.MaxText / 2}, false) AS indexed,
                m.size > {WholeTextBytes} AS large
              FROM message m LEFT JOIN message_search x ON x.account_id = m.account_id AND x.content_id = m.content_id
              WHERE m.account_id = $1 AND m.mailbox_id = $2{limits} OFFSET 0
            ) AS t WHERE found OR large OR NOT indexed ORDER BY uid
            """, connection);
        AddKey(command, account, mailbox);
        command.Parameters.AddRange(parameters.ToArray());
        var matches = new List<TextMatch>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            matches.Add(new TextMatch((uint)reader.GetInt64(0), reader.GetBoolean(1), reader.GetBoolean(2)));
        }

        return matches;
    }

    /// <summary>UIDs of the mailbox, ascending, that meet the condition.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="mailbox">Which.</param>
    /// <param name="condition">What to look for.</param>
    /// <param name="among">Only these; null: all.</param>
    /// <param name="ct">Cancels.</param>
    public async Task<List<uint>> FindAsync(
        AccountId account, MailboxId mailbox, MailboxCondition condition, IReadOnlyList<uint>? among, CancellationToken ct)
    {
        var content = " JOIN message_content c ON c.account_id = m.account_id AND c.id = m.content_id";
        var parameters = new List<NpgsqlParameter>();
        var date = "NULL";
        string where;
        switch (condition)
        {
            case MailboxCondition.Subject s:
                where = Contains("c.envelope->>'s'", s.Text, parameters);
                break;
            case MailboxCondition.MessageIdHeader i:
                where = Contains("c.envelope->>'m'", i.Text, parameters);
                break;
            case MailboxCondition.InReplyTo i:
                where = Contains("c.envelope->>'i'", i.Text, parameters);
                break;
            case MailboxCondition.Address a:
                where = AddressContains(a, parameters);
                break;
            case MailboxCondition.Sent s:
                // SENT* disregards the zone, so what counts is the day that the header says; sent_at is UTC, at most a day away.
                where = "c.sent_at IS NOT NULL" + Bounds("c.sent_at", Day(s.From, -1), Day(s.Before, 1), parameters);
                date = "c.envelope->>'d'";
                break;
            case MailboxCondition.Saved s:
                content = "";
                where = "true" + Bounds("m.saved_at", s.From, s.Before, parameters);
                break;
            case MailboxCondition.EmailId e:
                content = "";
                where = "m.id = " + Parameter(new NpgsqlParameter<long> { TypedValue = e.Id }, parameters);
                break;
            case MailboxCondition.Thread t:
                content = "";
                where = "m.thread_id = " + Parameter(new NpgsqlParameter<long> { TypedValue = t.Id }, parameters);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(condition));
        }

        if (among is not null)
        {
            where += " AND m.uid = ANY(" + Parameter(Array(among), parameters) + ")";
        }

        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new NpgsqlCommand(
            $"SELECT m.uid, {date} FROM message m{content} WHERE m.account_id = $1 AND m.mailbox_id = $2 AND {where} ORDER BY m.uid", connection);
        AddKey(command, account, mailbox);
        command.Parameters.AddRange(parameters.ToArray());
        var found = new List<uint>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            if (condition is MailboxCondition.Sent sent && !IsWithin(reader.IsDBNull(1) ? "" : reader.GetString(1), sent))
            {
                continue;
            }

            found.Add((uint)reader.GetInt64(0));
        }

        return found;
    }

    private static bool IsWithin(string header, MailboxCondition.Sent sent)
    {
        if (!MimeKit.Utils.DateUtils.TryParse(header, out var date))
        {
            return false;
        }

        var day = DateOnly.FromDateTime(date.Date);
        return (sent.From is not { } from || day >= from) && (sent.Before is not { } before || day < before);
    }

    private static DateOnly? Day(DateOnly? day, int add) =>
        day is not { } d || d.DayNumber + add < 0 || d.DayNumber + add > DateOnly.MaxValue.DayNumber ? day : d.AddDays(add);

    private static string AddressContains(MailboxCondition.Address a, List<NpgsqlParameter> parameters)
    {
        // The JSON text is looked at first where the term would stand in it as it is: most rows end there.
        var column = $"c.envelope->'{(char.IsAsciiLetterLower(a.Key) ? a.Key : throw new ArgumentOutOfRangeException(nameof(a)))}'";
        var quick = a.Text.Length > 0 && a.Text.All(char.IsAsciiLetterOrDigit)
            ? Contains($"({column})::text", a.Text, parameters) + " AND "
            : "";
        var exact = Contains(
            "(coalesce(x->>'g', '') || coalesce(x->>'n', '') || ' <' || coalesce(x->>'l', '') || '@' || coalesce(x->>'h', '') || '>')", a.Text, parameters);
        return $"{quick}json_typeof({column}) = 'array' AND EXISTS (SELECT FROM json_array_elements({column}) AS x WHERE {exact})";
    }

    private static string Contains(string column, string text, List<NpgsqlParameter> parameters)
    {
        if (text.Length == 0)
        {
            return $"{column} IS NOT NULL";
        }

        var pattern = "%" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal)
            .Replace("_", "\\_", StringComparison.Ordinal) + "%";
        return $"{column} ILIKE " + Parameter(new NpgsqlParameter<string> { TypedValue = pattern }, parameters);
    }

    private static string Bounds(string column, DateOnly? from, DateOnly? before, List<NpgsqlParameter> parameters) =>
        Bounds(column, from is { } f ? new DateTimeOffset(f, default, default) : null, before is { } b ? new DateTimeOffset(b, default, default) : null, parameters);

    private static string Bounds(string column, DateTimeOffset? from, DateTimeOffset? before, List<NpgsqlParameter> parameters) =>
        (from is { } f ? $" AND {column} >= " + Parameter(new NpgsqlParameter<DateTimeOffset> { TypedValue = f }, parameters) : "")
        + (before is { } b ? $" AND {column} < " + Parameter(new NpgsqlParameter<DateTimeOffset> { TypedValue = b }, parameters) : "");

    private static string Parameter(NpgsqlParameter parameter, List<NpgsqlParameter> parameters)
    {
        parameters.Add(parameter);
        return $"${parameters.Count + 2}";
    }
}
