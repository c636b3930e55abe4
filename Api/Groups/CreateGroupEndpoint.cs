using SaaS.Api.Hosting;
using SaaS.Client.Groups;
using SaaS.Domain.Groups;

namespace SaaS.Api.Groups;

internal static class CreateGroupEndpoint
{
    public static async Task<IResult> HandleAsync(
        CreateGroup body, HttpContext context, GroupService groups, CancellationToken ct)
    {
        var made = await groups.CreateAsync(new NewGroup(body.Address, body.Name, body.InternalOnly, body.Members), ct);
        return made.Ok
            ? GroupMapping.Answer(context, await groups.GetAsync(made.Value.Id, ct), $"/v1/groups/{made.Value.Id}")
            : context.Refused(made.Refusal);
    }
}
