using SaaS.Api.Hosting;
using SaaS.Client.Me;
using SaaS.Domain.Accounts;

namespace SaaS.Api.Me;

internal static class RemoveTotp
{
    public static async Task<IResult> HandleAsync(
        ProvePassword body, HttpContext context, CurrentUser user, PasswordAuthenticator passwords, SecondFactors factors, CancellationToken ct) =>
        context.Done(await Proof.CheckAsync(context, user, passwords, body.Password, "password", ct)
            ?? await factors.RemoveAsync(user.UserId!.Value, passkeysToo: false, ct));
}
