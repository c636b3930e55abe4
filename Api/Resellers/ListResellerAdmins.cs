using SaaS.Api.Hosting;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;

namespace SaaS.Api.Resellers;

internal static class ListResellerAdmins
{
    public static async Task<IResult> HandleAsync(long id, HttpContext context, UserService users, CancellationToken ct)
    {
        var found = await users.ListAdminsAsync(new ResellerId(id), ct);
        return found.Ok ? new Page<AdminUser>(found.Value, null).List(ResellerMapping.ToView) : context.Refused(found.Refusal);
    }
}
