using SaaS.Api.Hosting;
using SaaS.Client.Groups;
using SaaS.Domain.Groups;

namespace SaaS.Api.Groups;

internal static class UpdateGroupEndpoint
{
    public static async Task<IResult> HandleAsync(
        long id, UpdateGroup body, HttpContext context, GroupService groups, CancellationToken ct)
    {
        var changed = await groups.UpdateAsync(id, new GroupChange(body.Name, body.InternalOnly), context.IfMatch(), ct);
        return changed.Ok ? GroupMapping.Answer(context, await groups.GetAsync(id, ct)) : context.Refused(changed.Refusal);
    }
}
