using System.Globalization;
using Npgsql;

namespace SaaS.EndToEnd.Tests.Support;

/// <summary>A PostgreSQL with durable settings that a test may kill.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private static readonly string Bin = Directory.GetDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal)
        .Select(d => Path.Combine(d, "bin")).First(d => File.Exists(Path.Combine(d, "initdb")));

    private readonly string _folder = Directory.CreateTempSubdirectory("postyard-kill-").FullName;

    public string ConnectionString => $"Host={_folder};Username=postyard;Database=postgres;Maximum Pool Size=40";

    public static async Task<Cluster> StartAsync(CancellationToken ct)
    {
        var cluster = new Cluster();
        if (Environment.UserName == "root")
        {
            await Tools.RunAsync("/bin/chown", ["postgres", cluster._folder], ct);
        }

        await cluster.DoAsync($"{Bin}/initdb -D {cluster._folder}/pg -U postyard -E UTF8 --auth=trust", ct);
        await cluster.RestartAsync(ct);
        return cluster;
    }

    /// <summary>SIGKILL to the postmaster; its children notice and go.</summary>
    public async Task KillAsync(CancellationToken ct)
    {
        var pid = (await File.ReadAllLinesAsync($"{_folder}/pg/postmaster.pid", ct))[0];
        await Tools.RunAsync("/bin/kill", ["-KILL", pid], ct);
    }

    /// <summary>Starts it; what is left of a killed one may stand in the way for a moment.</summary>
    public async Task RestartAsync(CancellationToken ct)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await DoAsync($"{Bin}/pg_ctl -D {_folder}/pg -w -l {_folder}/log -o \"-k {_folder} -c listen_addresses='' -c max_connections=150\" start", ct);
                return;
            }
            catch (InvalidOperationException) when (attempt < 20)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(250), ct);
            }
        }
    }

    public async Task<long> CountAsync(string sql, CancellationToken ct)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString);
        await using var command = source.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(ct), CultureInfo.InvariantCulture);
    }

    public async Task<IReadOnlyList<string>> ListAsync(string sql, CancellationToken ct)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString);
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var list = new List<string>();
        while (await reader.ReadAsync(ct))
        {
            list.Add(reader.GetString(0));
        }

        return list;
    }

    private static async Task DoAsync(string folder, string command, CancellationToken ct)
    {
        string[] prefix = Environment.UserName == "root" ? ["runuser", "-u", "postgres", "--"] : [];
        string[] all = [.. prefix, "/bin/sh", "-c", $"cd {folder} && {command} >/dev/null 2>&1 </dev/null"];
        var (code, output) = await Tools.RunAsync("/usr/bin/env", all, ct);
        if (code != 0)
        {
            throw new InvalidOperationException($"{command}: {code} {output}");
        }
    }

    private Task DoAsync(string command, CancellationToken ct) => DoAsync(_folder, command, ct);

    public async ValueTask DisposeAsync()
    {
        await DoAsync($"{Bin}/pg_ctl -D {_folder}/pg -m immediate stop", CancellationToken.None);
        Directory.Delete(_folder, recursive: true);
    }
}
