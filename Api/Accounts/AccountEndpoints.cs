using SaaS.Api.Hosting;
using SaaS.Client.Accounts;
using SaaS.Client.Http;

namespace SaaS.Api.Accounts;

internal static class AccountEndpoints
{
    public static void MapAccounts(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1/accounts").WithTags("Accounts").Problems();
        group.MapGet("", ListAccounts.HandleAsync).RequireAuthorization(Policies.Admin).Produces<PageOf<AccountView>>();
        group.MapPost("", CreateAccountEndpoint.HandleAsync).RequireAuthorization(Policies.Admin).Creates<AccountView>();
        group.MapGet("/{id:long}", GetAccount.HandleAsync).RequireAuthorization(Policies.Admin).Produces<AccountView>();
        group.MapPatch("/{id:long}", UpdateAccountEndpoint.HandleAsync).RequireAuthorization(Policies.Admin).Produces<AccountView>();
        group.MapDelete("/{id:long}", DeleteAccount.HandleAsync).RequireAuthorization(Policies.Admin).Produces(204);
        group.MapPost("/{id:long}/password", SetAccountPassword.HandleAsync).RequireAuthorization(Policies.Admin).Produces(204);
        group.MapPost("/{id:long}/second-factor/reset", ResetSecondFactor.HandleAsync).RequireAuthorization(Policies.Admin).Produces(204);
        group.MapPost("/{id:long}/password-hash", ImportPasswordHash.HandleAsync).RequireAuthorization(Policies.Admin).Produces(204);
        group.MapPost("/{id:long}/home", SetHome.HandleAsync).RequireAuthorization(Policies.Admin).Produces<AccountView>();
        group.MapPost("/{id:long}/suspend", SuspendAccount.HandleAsync).RequireAuthorization(Policies.Admin).Produces<AccountView>();
    }
}
