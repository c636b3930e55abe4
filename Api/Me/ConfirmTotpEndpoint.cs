using SaaS.Api.Hosting;
using SaaS.Client.Http;
using SaaS.Client.Me;
using SaaS.Domain.Accounts;

namespace SaaS.Api.Me;

internal static class ConfirmTotpEndpoint
{
    public static async Task<IResult> HandleAsync(
        ConfirmTotp body, HttpContext context, CurrentUser user, SecondFactors factors, CancellationToken ct)
    {
        var codes = await factors.ConfirmAsync(user.UserId!.Value, body.Code ?? "", ct);
        return codes.Ok ? Results.Json(new RecoveryCodes(codes.Value), ApiJson.Options) : context.Refused(codes.Refusal);
    }
}
