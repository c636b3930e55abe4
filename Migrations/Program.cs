using Microsoft.Extensions.Configuration;
using SaaS.Domain;
using SaaS.Migrations;

// Usage: Migrations [migrate] — brings the database to this release's schema; safe to run twice and from two nodes at once.
var configuration = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(args).Build();
await using var source = DomainServices.CreateDataSource(configuration);
await Migrator.MigrateAsync(source, CancellationToken.None);
return 0;
