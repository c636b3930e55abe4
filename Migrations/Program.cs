using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Npgsql;
using SaaS.Domain;
using SaaS.Migrations;
using SaaS.Migrations.Seed;

// Usage: Migrations [migrate] [operator] [seed] [--Operator:Login=ADDRESS] [--Seed:Accounts=N] [--Seed:Output=FILE]
// migrate (the default) brings the database to this release's schema; operator makes the first operator (Operator:Login, Operator:Password);
// seed adds what a demonstration shows. All are safe to run twice and from two nodes at once.
string[] verbs = [.. args.Where(a => !a.StartsWith('-'))];
if (verbs.FirstOrDefault(v => v is not ("migrate" or "operator" or "seed")) is { } unknown)
{
    await Console.Error.WriteLineAsync($"Unknown verb '{unknown}'. Usage: Migrations [migrate] [operator] [seed]");
    return 2;
}

var configuration = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine([.. args.Where(a => a.StartsWith('-'))]).Build();
try
{
    await using var source = DomainServices.CreateDataSource(configuration);
    if (verbs.Length == 0 || verbs.Contains("migrate"))
    {
        await Migrator.MigrateAsync(source, CancellationToken.None);
    }

    if (verbs.Contains("operator"))
    {
        await FirstOperator.RunAsync(configuration, CancellationToken.None);
    }

    if (verbs.Contains("seed"))
    {
        await Seeder.RunAsync(configuration, source, CancellationToken.None);
    }

    return 0;
}
catch (Exception e) when (e is NpgsqlException or SocketException or ArgumentException or InvalidOperationException)
{
    // The database cannot be reached, or refuses: an operator wants the reason, and then the rest.
    await Console.Error.WriteLineAsync(e.ToString());
    await Console.Error.WriteLineAsync($"Error: {(e.InnerException ?? e).Message.ReplaceLineEndings(" ")}");
    return 1;
}
