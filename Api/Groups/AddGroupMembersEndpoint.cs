using SaaS.Api.Hosting;
using SaaS.Client.Groups;
using SaaS.Domain.Groups;

namespace SaaS.Api.Groups;

internal static class AddGroupMembersEndpoint
{
    public static async Task<IResult> HandleAsync(
        long id, AddGroupMembers body, HttpContext context, GroupService groups, CancellationToken ct)
    {
        var changed = await groups.AddMembersAsync(id, body.Addresses ?? [], ct);
        return changed.Ok ? GroupMapping.Answer(context, await groups.GetAsync(id, ct)) : context.Refused(changed.Refusal);
    }
}
