using SaaS.Api.Hosting;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;

namespace SaaS.Api.Accounts;

internal static class ListAccounts
{
    public static async Task<IResult> HandleAsync(
        ListParameters list, long? tenantId, long? domainId, AccountService accounts, CancellationToken ct) =>
        (await accounts.ListAsync(
            tenantId is { } tenant ? new TenantId(tenant) : null, domainId is { } domain ? new DomainId(domain) : null, list.ToQuery(), ct))
            .List(AccountMapping.ToView);
}
