using SaaS.Api.Hosting;
using SaaS.Client.Groups;
using SaaS.Domain.Groups;

namespace SaaS.Api.Groups;

internal static class ListGroupMembers
{
    public static async Task<IResult> HandleAsync(
        long id, ListParameters list, HttpContext context, GroupService groups, CancellationToken ct)
    {
        var found = await groups.ListMembersAsync(id, list.Limit ?? 100, list.Cursor, list.Q, ct);
        return found.Ok ? found.Value.List(x => new GroupMemberView(x)) : context.Refused(found.Refusal);
    }
}
