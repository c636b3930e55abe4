using Microsoft.Extensions.Configuration;
using Npgsql;
using SaaS.Migrations.Seed;
using SaaS.TestKit;
using Xunit;

namespace SaaS.Migrations.Tests;

public sealed class SeederTests
{
    [Fact]
    public async Task A_second_seeding_changes_nothing()
    {
        var ct = TestContext.Current.CancellationToken;
        var connection = await TestPostgres.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(connection);
        var output = Path.GetTempFileName();

        await Seeder.RunAsync(Settings(connection, 3, output), source, ct);
        var first = await CountsAsync(source);
        await Seeder.RunAsync(Settings(connection, 3, output), source, ct);

        Assert.Equal(first, await CountsAsync(source));
        Assert.Contains("\"address\": \"alice@example.test\", \"password\": \"secret\", \"role\": \"user\"", await File.ReadAllTextAsync(output, ct), StringComparison.Ordinal);
        File.Delete(output);
    }

    [Fact]
    public async Task More_accounts_are_added_to_those_that_are_there()
    {
        var ct = TestContext.Current.CancellationToken;
        var connection = await TestPostgres.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(connection);

        await Seeder.RunAsync(Settings(connection, 2, null), source, ct);
        await Seeder.RunAsync(Settings(connection, 5, null), source, ct);

        Assert.Equal(5L, await ScalarAsync(source, "SELECT count(*) FROM account WHERE local_part ~ '^u[0-9]+$'"));
    }

    /// <summary>The bulk statement writes what AccountService writes.</summary>
    [Fact]
    public async Task An_account_made_in_bulk_is_like_any_other()
    {
        var ct = TestContext.Current.CancellationToken;
        var connection = await TestPostgres.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(connection);

        await Seeder.RunAsync(Settings(connection, 1, null), source, ct);

        const string Shape = """
            SELECT string_agg(concat_ws('|', m.id, m.name, m.special_use, m.subscribed, m.sort_order, m.uid_next, m.highest_mod_seq, m.changed_mod_seq), ';' ORDER BY m.id)
                || s.mod_seq || s.quota_bytes || u.lockout_enabled || u.email_confirmed || a.kind || d.kind
            FROM account a JOIN mailbox m ON m.account_id = a.id JOIN account_state s ON s.account_id = a.id JOIN app_user u ON u.account_id = a.id
            JOIN address d ON d.target_id = a.id AND d.kind = 0
            WHERE a.local_part = '{0}' GROUP BY s.mod_seq, s.quota_bytes, u.lockout_enabled, u.email_confirmed, a.kind, d.kind
            """;
        Assert.Equal(
            await ScalarAsync(source, Shape.Replace("{0}", "bob", StringComparison.Ordinal)),
            await ScalarAsync(source, Shape.Replace("{0}", "u1", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_first_operator_is_made_once_and_never_beside_another()
    {
        var ct = TestContext.Current.CancellationToken;
        var connection = await TestPostgres.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(connection);

        await Assert.ThrowsAsync<InvalidOperationException>(() => FirstOperator.RunAsync(Operator(connection, "root@platform.test", "short"), ct));
        await FirstOperator.RunAsync(Operator(connection, "root@platform.test", "correct horse battery"), ct);
        await FirstOperator.RunAsync(Operator(connection, "second@platform.test", "correct horse battery"), ct);

        Assert.Equal("root@platform.test", await ScalarAsync(
            source, "SELECT string_agg(u.user_name, ',') FROM app_user u JOIN role_grant g ON g.user_id = u.id AND g.role = 0"));
    }

    private static IConfiguration Operator(string connection, string login, string password) => new ConfigurationBuilder().AddInMemoryCollection(
        new Dictionary<string, string?>
        {
            ["ConnectionStrings:Postgres"] = connection,
            ["Operator:Login"] = login,
            ["Operator:Password"] = password,
        }).Build();

    private static IConfiguration Settings(string connection, int accounts, string? output) => new ConfigurationBuilder().AddInMemoryCollection(
        new Dictionary<string, string?>
        {
            ["ConnectionStrings:Postgres"] = connection,
            ["Seed:Accounts"] = accounts.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["Seed:Output"] = output,
        }).Build();

    private static async Task<object?> CountsAsync(NpgsqlDataSource source) => await ScalarAsync(source, """
        SELECT concat_ws('/', (SELECT count(*) FROM account), (SELECT count(*) FROM app_user), (SELECT count(*) FROM message),
            (SELECT count(*) FROM alias), (SELECT count(*) FROM group_member), (SELECT count(*) FROM role_grant), (SELECT count(*) FROM audit_entry))
        """);

    private static async Task<object?> ScalarAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
