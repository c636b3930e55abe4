using SaaS.Api.Hosting;
using SaaS.Client.Accounts;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;

namespace SaaS.Api.Accounts;

internal static class CreateAccountEndpoint
{
    public static async Task<IResult> HandleAsync(
        CreateAccount body, HttpContext context, AccountService accounts, CancellationToken ct)
    {
        var wanted = new NewAccount(
            body.Address, body.DisplayName, body.Password, (AccountKind)body.Type, body.QuotaBytes, AccountMapping.ToRoles(body.Roles),
            ImportedHash: body.PasswordHash, Home: body.LegacyPlatformId is { } platform ? new LegacyPlatformId(platform) : null);
        var made = await accounts.CreateAsync(wanted, ct);
        return made.Ok
            ? AccountMapping.Answer(context, await accounts.GetAsync(made.Value.Id, ct), $"/v1/accounts/{made.Value.Id}")
            : context.Refused(made.Refusal);
    }
}
