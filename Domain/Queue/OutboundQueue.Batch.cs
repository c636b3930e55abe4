using System.Globalization;
using Npgsql;
using SaaS.Domain.Common;

namespace SaaS.Domain.Queue;

/// <summary>What a person can do to queued mail.</summary>
public enum QueueAction
{
    Retry = 0,
    Hold = 1,
    Release = 2,
    Bounce = 3,
    Delete = 4,
}

/// <summary>How much a filter matches; more than <see cref="OutboundQueue.MaxBatch"/> recipients are counted as that many.</summary>
public sealed record QueueMatch(int Messages, int Recipients);

public sealed partial class OutboundQueue
{
    /// <summary>Recipients that one call counts or changes at most; whoever wants more asks again.</summary>
    public const int MaxBatch = 100_000;

    private const int BatchStep = 5_000;

    /// <summary>What the filter matches of mail that is not yet done with.</summary>
    public async Task<QueueMatch> CountAsync(CallerScope scope, QueueFilter filter, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var command = new NpgsqlCommand { Connection = connection };
        var where = Conditions(command, scope, filter);
        command.CommandText = string.Create(CultureInfo.InvariantCulture, $"""
            SELECT count(DISTINCT message_id)::int, count(*)::int FROM (
              SELECT r.message_id FROM queue_recipient r JOIN queue_message m ON m.id = r.message_id WHERE r.state IN (0, 1, 5) AND {where} LIMIT {MaxBatch}) x
            """);
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return new QueueMatch(reader.GetInt32(0), reader.GetInt32(1));
    }

    /// <summary>
    /// Does it to every recipient that the filter matches and whose state allows it; returns to how many. A few thousand a statement, each
    /// committed by itself: the relay is never kept waiting, and what was done stays done where the call is broken off.
    /// </summary>
    public async Task<int> ChangeAllAsync(CallerScope scope, QueueFilter filter, QueueAction action, CancellationToken ct)
    {
        var (set, when) = action switch
        {
            QueueAction.Retry => ("next_attempt_at = {0}", "r.state = 0"),
            QueueAction.Hold => ("state = 5, lease_owner = NULL, lease_until = NULL", "r.state IN (0, 1)"),
            QueueAction.Release => ("state = 0, next_attempt_at = {0}", "r.state = 5"),
            QueueAction.Bounce => ($"state = 0, next_attempt_at = {{0}}, last_reply = '{BouncedByHand}'", "r.state IN (0, 5)"),
            QueueAction.Delete => ("", "r.state IN (0, 1, 5)"),
            _ => throw new ArgumentOutOfRangeException(nameof(action)),
        };
        await using var connection = await source.OpenConnectionAsync(ct);
        var (after, changed) = (0L, 0);
        while (changed < MaxBatch)
        {
            await using var command = new NpgsqlCommand { Connection = connection };
            var where = Conditions(command, scope, filter);
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
            var from = command.Parameters.Count;
            var seen = string.Create(CultureInfo.InvariantCulture, $"""
                seen AS MATERIALIZED (SELECT r.id FROM queue_recipient r JOIN queue_message m ON m.id = r.message_id
                  WHERE {where} AND {when} AND r.id > ${from} ORDER BY r.id LIMIT {BatchStep})
                """);
            if (action == QueueAction.Delete)
            {
                // Both in one statement: the messages are those whose last open recipient this very statement takes.
                command.CommandText = $"""
                    WITH {seen},
                    gone AS (DELETE FROM queue_recipient r USING seen WHERE r.id = seen.id RETURNING r.id, r.message_id),
                    finished AS (DELETE FROM queue_message m USING (SELECT DISTINCT message_id FROM gone) g WHERE m.id = g.message_id
                      AND NOT EXISTS (SELECT FROM queue_recipient r WHERE r.message_id = m.id AND r.state IN (0, 1, 5) AND r.id NOT IN (SELECT id FROM gone)))
                    SELECT (SELECT count(*)::int FROM gone), (SELECT max(id) FROM seen)
                    """;
            }
            else
            {
                command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
                var now = $"${command.Parameters.Count}";
                command.CommandText = $"""
                    WITH {seen},
                    changed AS (UPDATE queue_recipient r SET {string.Format(CultureInfo.InvariantCulture, set, now)}, changed_at = {now} FROM seen
                      WHERE r.id = seen.id AND {when} RETURNING r.id)
                    SELECT (SELECT count(*)::int FROM changed), (SELECT max(id) FROM seen)
                    """;
            }

            await using var reader = await command.ExecuteReaderAsync(ct);
            await reader.ReadAsync(ct);
            if (reader.IsDBNull(1))
            {
                break;
            }

            changed += reader.GetInt32(0);
            after = reader.GetInt64(1);
        }

        if (changed > 0 && action is QueueAction.Retry or QueueAction.Release or QueueAction.Bounce)
        {
            feed.Wake(Topic);
        }

        return changed;
    }
}
