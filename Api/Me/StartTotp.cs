using SaaS.Api.Hosting;
using SaaS.Api.Identity;
using SaaS.Client.Http;
using SaaS.Client.Me;
using SaaS.Domain.Accounts;
using SaaS.Domain.Branding;

namespace SaaS.Api.Me;

internal static class StartTotp
{
    public static async Task<IResult> HandleAsync(
        ProvePassword body, HttpContext context, CurrentUser user, PasswordAuthenticator passwords, SecondFactors factors, HostBrands brands, CancellationToken ct)
    {
        if (await Proof.CheckAsync(context, user, passwords, body.Password, "password", ct) is { } no)
        {
            return context.Refused(no);
        }

        var brand = await brands.OfAsync(context.Request.Host.Host, ct);
        var started = await factors.StartAsync(user.UserId!.Value, user.Login, brand.Name, ct);
        return started.Ok
            ? Results.Json(new TotpStarted(started.Value.Secret, started.Value.Uri, SignInSteps.Picture(started.Value.Uri)), ApiJson.Options)
            : context.Refused(started.Refusal);
    }
}
