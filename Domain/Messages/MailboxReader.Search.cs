using Npgsql;
using SaaS.Domain.Common;

namespace SaaS.Domain.Messages;

/// <summary>A condition that the database answers.</summary>
public abstract record MailboxCondition
{
    private MailboxCondition() { }

    /// <summary>Day of the Date header, its zone disregarded; either end may be open.</summary>
    public sealed record Sent(DateOnly? From, DateOnly? Before) : MailboxCondition;

    public sealed record Saved(DateTimeOffset? From, DateTimeOffset? Before) : MailboxCondition;

    public sealed record EmailId(long Id) : MailboxCondition;

    public sealed record Thread(long Id) : MailboxCondition;
}

public sealed partial class MailboxReader
{
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
