using SaaS.Api.Hosting;
using SaaS.Client.Http;
using SaaS.Client.Me;
using SaaS.Domain.Accounts;

namespace SaaS.Api.Me;

internal static class NewRecoveryCodes
{
    public static async Task<IResult> HandleAsync(
        ProvePassword body, HttpContext context, CurrentUser user, PasswordAuthenticator passwords, SecondFactors factors, CancellationToken ct)
    {
        if (await Proof.CheckAsync(context, user, passwords, body.Password, "password", ct) is { } no)
        {
            return context.Refused(no);
        }

        var codes = await factors.NewCodesAsync(user.UserId!.Value, ct);
        return codes.Ok ? Results.Json(new RecoveryCodes(codes.Value), ApiJson.Options) : context.Refused(codes.Refusal);
    }
}
