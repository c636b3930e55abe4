using SaaS.Api.Hosting;
using SaaS.Client.Accounts;
using SaaS.Domain.Common;
using SaaS.Domain.Sharing;

namespace SaaS.Api.Accounts;

internal static class SetMemberEndpoint
{
    public static async Task<IResult> HandleAsync(
        long id, string address, SetMember body, HttpContext context, MemberService members, CancellationToken ct)
    {
        var set = await members.SetAsync(new AccountId(id), address, MemberMapping.ToRights(body.Rights), ct);
        return set.Ok ? Results.Ok(MemberMapping.ToView(set.Value)) : context.Refused(set.Refusal);
    }
}
