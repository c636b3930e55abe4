using SaaS.Api.Hosting;
using SaaS.Client.Resellers;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;

namespace SaaS.Api.Resellers;

internal static class CreateResellerAdminEndpoint
{
    public static async Task<IResult> HandleAsync(
        long id, CreateResellerAdmin body, HttpContext context, UserService users, CancellationToken ct)
    {
        var role = new RoleOver(Role.ResellerAdmin, Reseller: new ResellerId(id));
        var made = await users.CreateAsync(new NewUser(body.Login, body.DisplayName, body.Password, role), ct);
        return made.Ok
            ? context.Made(
                $"/v1/resellers/{id}/admins", ResellerMapping.ToView(new AdminUser(made.Value.Id, made.Value.UserName!, made.Value.DisplayName, made.Value.CreatedAt)), "0")
            : context.Refused(made.Refusal);
    }
}
