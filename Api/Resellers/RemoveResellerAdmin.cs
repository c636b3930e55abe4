using SaaS.Api.Hosting;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;

namespace SaaS.Api.Resellers;

internal static class RemoveResellerAdmin
{
    public static async Task<IResult> HandleAsync(
        long id, long userId, HttpContext context, UserService users, CancellationToken ct) =>
        context.Done(await users.RemoveAdminAsync(new ResellerId(id), userId, ct));
}
