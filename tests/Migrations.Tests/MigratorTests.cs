using Npgsql;
using SaaS.TestKit;
using Xunit;

namespace SaaS.Migrations.Tests;

public sealed class MigratorTests
{
    [Fact]
    public async Task Two_nodes_at_once_and_a_second_time_end_in_the_same_schema()
    {
        var ct = TestContext.Current.CancellationToken;
        var connection = await TestPostgres.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(connection);
        await using (var reset = source.CreateCommand("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
        {
            await reset.ExecuteNonQueryAsync(ct);
        }

        await Task.WhenAll(Migrator.MigrateAsync(source, ct), Migrator.MigrateAsync(source, ct));
        await Migrator.MigrateAsync(source, ct);

        await using var count = source.CreateCommand("SELECT count(*) FROM schema_migration");
        Assert.True((long)(await count.ExecuteScalarAsync(ct))! >= 1);
    }

    [Fact]
    public async Task Every_table_with_a_tenant_or_account_is_fenced()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var source = NpgsqlDataSource.Create(await TestPostgres.CreateDatabaseAsync());
        await using var open = source.CreateCommand("""
            SELECT string_agg(DISTINCT c.relname, ', ') FROM pg_class c
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname IN ('tenant_id', 'account_id')
            WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND NOT c.relrowsecurity
            """);
        Assert.Equal(DBNull.Value, await open.ExecuteScalarAsync(ct));
    }
}
