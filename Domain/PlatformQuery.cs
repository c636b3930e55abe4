using Microsoft.Extensions.DependencyInjection;

namespace SaaS.Domain;

/// <summary>
/// Asks the database as the platform itself, outside the caller's fence: for limits that count across tenants, for the roles that somebody
/// else holds, and for whatever comes before sign-in. Answers numbers and yes or no to services; never hands a foreign row to a caller.
/// </summary>
public sealed class PlatformQuery(IServiceScopeFactory scopes)
{
    public async Task<T> AskAsync<T>(Func<MailDbContext, Task<T>> question)
    {
        // A new scope has a caller of its own, which is the platform.
        await using var scope = scopes.CreateAsyncScope();
        return await question(scope.ServiceProvider.GetRequiredService<MailDbContext>());
    }
}
