using Npgsql;
using SaaS.Domain.Common;

namespace SaaS.Domain.Learning;

/// <summary>What was called junk or not junk, oldest first, for whoever teaches the scanners. What nobody takes expires (PurgeJob).</summary>
/// <remarks>Rows are written by <see cref="Messages.MessageStore"/>, in the statement that moves or marks.</remarks>
public sealed class LearningQueue(NpgsqlDataSource source)
{
    /// <summary>Most messages that one move or mark is learnt from: a whole folder says no more than its first thousand.</summary>
    public const int MaxAtOnce = 1000;

    public static readonly TimeSpan Keep = TimeSpan.FromDays(14);

    /// <summary>
    /// Gives some to <paramref name="learn"/> and removes them when it returns; where it throws they stay. Any number of workers may call it:
    /// each gets others. Returns how many there were.
    /// </summary>
    public async Task<int> TakeAsync(int count, Func<IReadOnlyList<LearnEvent>, CancellationToken, Task> learn, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var command = new NpgsqlCommand("""
            DELETE FROM learn_event e USING
              (SELECT account_id, content_id FROM learn_event ORDER BY at LIMIT $1 FOR UPDATE SKIP LOCKED) AS due
            WHERE e.account_id = due.account_id AND e.content_id = due.content_id
            RETURNING e.account_id, e.content_id, e.verdict, e.channel, e.user_id, e.at
            """, connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = count });
        var events = new List<LearnEvent>();
        await using (var reader = await command.ExecuteReaderAsync(ct))
        {
            while (await reader.ReadAsync(ct))
            {
                events.Add(new LearnEvent
                {
                    AccountId = new AccountId(reader.GetInt64(0)),
                    ContentId = new ContentId(reader.GetInt64(1)),
                    Verdict = (LearnVerdict)reader.GetInt16(2),
                    Channel = (LearnChannel)reader.GetInt16(3),
                    UserId = reader.GetInt64(4),
                    At = reader.GetFieldValue<DateTimeOffset>(5),
                });
            }
        }

        if (events.Count > 0)
        {
            await learn(events, ct);
        }

        await transaction.CommitAsync(ct);
        return events.Count;
    }
}
