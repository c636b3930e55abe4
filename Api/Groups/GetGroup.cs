using SaaS.Domain.Groups;

namespace SaaS.Api.Groups;

internal static class GetGroup
{
    public static async Task<IResult> HandleAsync(long id, HttpContext context, GroupService groups, CancellationToken ct) =>
        GroupMapping.Answer(context, await groups.GetAsync(id, ct));
}
