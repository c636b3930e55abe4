using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using SaaS.Domain;
using SaaS.Domain.Common;

namespace SaaS.Migrations;

/// <summary>Applies the schema and the fence. One advisory lock keeps two nodes apart; each step may be repeated.</summary>
public static class Migrator
{
    private const long LockKey = 0x506F737479617264; // "Postyard"

    public static async Task MigrateAsync(NpgsqlDataSource source, CancellationToken ct)
    {
        await using var guard = await source.OpenConnectionAsync(ct);
        await ExecuteAsync(guard, $"SELECT pg_advisory_lock({LockKey})", ct);
        try
        {
            await using var db = CreateContext(source);
            db.Database.SetCommandTimeout(TimeSpan.FromHours(1));
            await db.Database.MigrateAsync(ct);
            await RepeatAsync(guard, await ReadAsync("Storage.sql", ct), ct);
            await RepeatAsync(guard, await ReadAsync("Fence.sql", ct), ct);
        }
        finally
        {
            await ExecuteAsync(guard, $"SELECT pg_advisory_unlock({LockKey})", CancellationToken.None);
        }
    }

    public static MailDbContext CreateContext(NpgsqlDataSource source)
    {
        var options = new DbContextOptionsBuilder<MailDbContext>();
        DomainServices.ConfigureModel(options, source);
        return new MailDbContext(options.Options, new Caller());
    }

    /// <summary>A script that may run any number of times. It locks many tables, and vacuum or a node at work may hold them the other way round.</summary>
    private static async Task RepeatAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await ExecuteAsync(connection, sql, ct);
                return;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DeadlockDetected && attempt < 10)
            {
                // PostgreSQL has already waited a second and rolled this one back.
            }
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 3600 };
        await command.ExecuteNonQueryAsync(ct);
    }

    private static async Task<string> ReadAsync(string name, CancellationToken ct)
    {
        await using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not embedded.");
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(ct);
    }
}
