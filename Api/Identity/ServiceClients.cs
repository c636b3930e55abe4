using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using SaaS.Domain;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;

namespace SaaS.Api.Identity;

/// <summary>
/// What a registered client belongs to. The owner stands in the client id itself (o., r3., t5.), which we make and nobody can choose; that the
/// client and its owner still exist is asked at most every ten seconds.
/// </summary>
internal sealed class ServiceClients(IServiceScopeFactory scopes, PlatformQuery platform, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<string, (bool Exists, long At)> _known = new(StringComparer.Ordinal);

    public async ValueTask<RoleOver?> OwnerOfAsync(string clientId, CancellationToken ct)
    {
        if (Owner(clientId) is not { } owner)
        {
            return null;
        }

        if (!_known.TryGetValue(clientId, out var known) || time.GetElapsedTime(known.At) >= Lifetime)
        {
            await using var scope = scopes.CreateAsyncScope();
            var there = await scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>().FindByClientIdAsync(clientId, ct);
            known = (there is not null && await IsActiveAsync(owner), time.GetTimestamp());
            _known[clientId] = known;
        }

        return known.Exists ? owner : null;
    }

    // A suspended tenant or reseller has no programs that act for it.
    private async Task<bool> IsActiveAsync(RoleOver owner) => owner switch
    {
        { Tenant: { } t } => await platform.AskAsync(db => db.Tenants.AnyAsync(
            x => x.Id == t && !x.Suspended && db.Resellers.Any(r => r.Id == x.ResellerId && !r.Suspended))),
        { Reseller: { } r } => await platform.AskAsync(db => db.Resellers.AnyAsync(x => x.Id == r && !x.Suspended)),
        _ => true,
    };

    public void Forget(string clientId) => _known.TryRemove(clientId, out _);

    public static string Prefix(RoleOver owner) => owner switch
    {
        { Role: Role.TenantAdmin, Tenant: { } t } => $"t{t}.",
        { Role: Role.ResellerAdmin, Reseller: { } r } => $"r{r}.",
        _ => "o.",
    };

    public static CallerScope ScopeOf(RoleOver owner) => owner switch
    {
        { Role: Role.TenantAdmin, Tenant: { } t } => new CallerScope.OfTenant(t),
        { Role: Role.ResellerAdmin, Reseller: { } r } => new CallerScope.OfReseller(r),
        { Role: Role.Operator } => CallerScope.Platform,
        _ => throw new ArgumentOutOfRangeException(nameof(owner)),
    };

    public static RoleOver? Owner(string clientId)
    {
        var dot = clientId.IndexOf('.', StringComparison.Ordinal);
        return dot < 1 ? null
            : clientId[..dot] == "o" ? new RoleOver(Role.Operator)
            : !long.TryParse(clientId[1..dot], NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? null
            : clientId[0] switch
            {
                'r' => new RoleOver(Role.ResellerAdmin, Reseller: new ResellerId(id)),
                't' => new RoleOver(Role.TenantAdmin, Tenant: new TenantId(id)),
                _ => null,
            };
    }
}
