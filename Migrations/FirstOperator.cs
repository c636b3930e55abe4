using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using SaaS.Domain;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;

namespace SaaS.Migrations;

/// <summary>The first person of a new service, who makes everybody else in the portal. Where an operator is there already, nothing is done.</summary>
internal static class FirstOperator
{
    public static async Task RunAsync(IConfiguration configuration, CancellationToken ct)
    {
        var login = configuration["Operator:Login"] ?? throw new InvalidOperationException("Operator:Login is not set");
        var services = new ServiceCollection().AddLogging().AddSingleton(configuration);
        services.AddDomain(configuration, fenced: false);
        await using var provider = services.BuildServiceProvider();
        await using var scope = provider.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<Caller>().Name = "migrations";
        if (await scope.ServiceProvider.GetRequiredService<MailDbContext>().Set<RoleGrant>().AnyAsync(x => x.Role == Role.Operator, ct))
        {
            return;
        }

        var made = await scope.ServiceProvider.GetRequiredService<UserService>().CreateAsync(
            new NewUser(login, configuration["Operator:Name"] ?? "Operator", configuration["Operator:Password"], new RoleOver(Role.Operator)), ct);
        if (!made.Ok)
        {
            throw new InvalidOperationException($"the operator {login} cannot be made: {made.Refusal.Text}");
        }
    }
}
