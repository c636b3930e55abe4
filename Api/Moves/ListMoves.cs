using SaaS.Api.Hosting;
using SaaS.Domain.Common;
using SaaS.Domain.Moves;

namespace SaaS.Api.Moves;

internal static class ListMoves
{
    public static async Task<IResult> HandleAsync(
        ListParameters list, long? tenantId, long? accountId, Guid? batch, Word<MoveState>? state, MoveService moves, CancellationToken ct) =>
        (await moves.ListAsync(
            tenantId is { } tenant ? new TenantId(tenant) : null, accountId is { } account ? new AccountId(account) : null, batch, state?.Value,
            list.ToQuery(), ct))
            .List(MoveMapping.ToView);
}
