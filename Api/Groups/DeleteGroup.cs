using SaaS.Api.Hosting;
using SaaS.Domain.Groups;

namespace SaaS.Api.Groups;

internal static class DeleteGroup
{
    public static async Task<IResult> HandleAsync(long id, HttpContext context, GroupService groups, CancellationToken ct) =>
        context.Done(await groups.DeleteAsync(id, context.IfMatch(), ct));
}
