using SaaS.Api.Hosting;
using SaaS.Client.Accounts;
using SaaS.Domain.Common;
using SaaS.Domain.Sharing;

namespace SaaS.Api.Accounts;

internal static class ListMembers
{
    public static async Task<IResult> HandleAsync(long id, HttpContext context, MemberService members, CancellationToken ct)
    {
        var found = await members.ListAsync(new AccountId(id), ct);
        return found.Ok ? Results.Ok(new MemberList([.. found.Value.Select(MemberMapping.ToView)])) : context.Refused(found.Refusal);
    }
}
