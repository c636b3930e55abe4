using Microsoft.EntityFrameworkCore.Design;
using Npgsql;
using SaaS.Domain;

namespace SaaS.Migrations;

/// <summary>For `dotnet ef migrations add`: needs no database.</summary>
public sealed class DesignTimeFactory : IDesignTimeDbContextFactory<MailDbContext>
{
    public MailDbContext CreateDbContext(string[] args) => Migrator.CreateContext(NpgsqlDataSource.Create("Host=design.invalid"));
}
