using System.Diagnostics;
using Npgsql;
using SaaS.Migrations;

namespace SaaS.TestKit;

/// <summary>
/// A real PostgreSQL for tests: the server that TEST_POSTGRES names, else a private cluster of this process, made on first use and thrown
/// away at exit. Each <see cref="CreateDatabaseAsync"/> is a copy of one migrated template, made in milliseconds.
/// </summary>
public static class TestPostgres
{
    private static readonly Lazy<Task<string>> Template = new(PrepareAsync);
    private static int _count;

    /// <summary>A migrated, empty database of its own. Returns its connection string.</summary>
    public static async Task<string> CreateDatabaseAsync()
    {
        var admin = await Template.Value;
        var name = $"test_{Environment.ProcessId}_{Interlocked.Increment(ref _count)}";
        await ExecuteAsync(admin, $"CREATE DATABASE {name} TEMPLATE {TemplateName} STRATEGY FILE_COPY");
        return new NpgsqlConnectionStringBuilder(admin) { Database = name, Pooling = true }.ConnectionString;
    }

    private static string TemplateName => $"template_{Environment.ProcessId}";

    private static async Task<string> PrepareAsync()
    {
        var admin = Environment.GetEnvironmentVariable("TEST_POSTGRES") is { Length: > 0 } given ? given : StartCluster();
        admin = new NpgsqlConnectionStringBuilder(admin) { Pooling = false, Timeout = 60, CommandTimeout = 120 }.ConnectionString;
        await ExecuteAsync(admin, $"CREATE DATABASE {TemplateName}");
        var target = new NpgsqlConnectionStringBuilder(admin) { Database = TemplateName }.ConnectionString;
        await using (var source = NpgsqlDataSource.Create(target))
        {
            await Migrator.MigrateAsync(source, CancellationToken.None);
        }

        return admin;
    }

    private static string StartCluster()
    {
        var bin = Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(d => d, StringComparer.Ordinal)
            .Select(d => Path.Combine(d, "bin")).First(d => File.Exists(Path.Combine(d, "initdb")));
        var folder = Path.Combine(Path.GetTempPath(), $"postyard-test-{Environment.ProcessId}");
        Directory.CreateDirectory(folder);
        var data = Path.Combine(folder, "pg");
        var root = Environment.UserName == "root";
        if (root)
        {
            Run("chown", "postgres", folder);
        }

        RunAs(root, Path.Combine(bin, "initdb"), "-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync");
        RunAs(root, Path.Combine(bin, "pg_ctl"), "-D", data, "-w", "-l", Path.Combine(folder, "log"), "-o",
            $"-k {folder} -c listen_addresses='' -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=200 -c shared_buffers=64MB",
            "start");
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            RunAs(root, Path.Combine(bin, "pg_ctl"), "-D", data, "-m", "immediate", "stop");
            Directory.Delete(folder, recursive: true);
        };
        return $"Host={folder};Username=postgres;Database=postgres";
    }

    private static void RunAs(bool root, string program, params string[] arguments)
    {
        if (root)
        {
            Run("runuser", ["-u", "postgres", "--", program, .. arguments]);
        }
        else
        {
            Run(program, arguments);
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        // No pipes: the server that pg_ctl starts would inherit them and keep them open for ever.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$0\" \"$@\" >/dev/null 2>&1 </dev/null", program, .. arguments]) { WorkingDirectory = "/tmp" };
        using var process = Process.Start(start)!;
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
        }
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
