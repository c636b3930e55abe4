using Npgsql;
using SaaS.Domain.Learning;
using SaaS.Domain.Messages;
using SaaS.Domain.Sieve.Scripts;

namespace SaaS.MailHost.Jobs;

/// <summary>Deletes what has had its time: idempotency keys after 24 h, delivery keys after 14 days, nodes that have been silent for a day, what nobody learnt from, and what filters remembered once it has expired.</summary>
internal sealed class PurgeJob(NpgsqlDataSource source, StoreCollector collector, SieveMemoryStore filters, TimeProvider clock, ILogger<PurgeJob> log)
{
    private static readonly (string Table, string Column, TimeSpan Keep)[] Rules =
    [
        ("idempotency_key", "created_at", TimeSpan.FromHours(24)),
        ("node", "heartbeat_at", TimeSpan.FromDays(1)),
        ("learn_event", "at", LearningQueue.Keep),
    ];

    public async Task RunAsync(CancellationToken ct)
    {
        log.Collected("delivery keys", await collector.CollectDeliveryKeysAsync(ct));
        log.Collected("filters' memories", await filters.CollectAsync(ct));
        foreach (var (table, column, keep) in Rules)
        {
            await using var command = source.CreateCommand($"DELETE FROM {table} WHERE {column} < $1");
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() - keep });
            log.Collected(table, await command.ExecuteNonQueryAsync(ct));
        }
    }
}
