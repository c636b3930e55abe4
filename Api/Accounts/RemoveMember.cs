using SaaS.Api.Hosting;
using SaaS.Domain.Common;
using SaaS.Domain.Sharing;

namespace SaaS.Api.Accounts;

internal static class RemoveMember
{
    public static async Task<IResult> HandleAsync(long id, string address, HttpContext context, MemberService members, CancellationToken ct) =>
        context.Done(await members.RemoveAsync(new AccountId(id), address, ct));
}
