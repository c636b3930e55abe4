using SaaS.Api.Hosting;
using SaaS.Domain.Groups;

namespace SaaS.Api.Groups;

internal static class RemoveGroupMember
{
    public static async Task<IResult> HandleAsync(
        long id, string address, HttpContext context, GroupService groups, CancellationToken ct) =>
        context.Done(await groups.RemoveMemberAsync(id, address, ct));
}
