using Microsoft.AspNetCore.Antiforgery;
using SaaS.Client.Http;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;

namespace SaaS.Api.Identity;

/// <summary>/connect/second-factor and its neighbours: the code or passkey after the password, the first set-up where it is required, and sign-in by passkey alone.</summary>
internal static class SecondFactor
{
    /// <summary>POST: a code of the authenticator, or a recovery code.</summary>
    public static async Task<IResult> SubmitAsync(HttpContext context, SignInSteps steps, SecondFactors factors, IAntiforgery antiforgery)
    {
        if (await ReadAsync(context, steps, antiforgery) is not var (form, url, user))
        {
            return Results.Redirect("/");
        }

        var refusal = await factors.VerifyAsync(user.Id, form["code"].ToString(), context.RequestAborted);
        var passkeys = (await factors.StateAsync(user.Id, context.RequestAborted)).Passkeys > 0;
        return refusal is null ? await steps.FinishAsync(context, user, url, "code")
            : await steps.CodePageAsync(context, user, url, passkeys, Text(refusal), Status(refusal));
    }

    /// <summary>POST: the first code of a new authenticator; then the recovery codes, and the session is open.</summary>
    public static async Task<IResult> SetUpAsync(HttpContext context, SignInSteps steps, SecondFactors factors, IAntiforgery antiforgery)
    {
        if (await ReadAsync(context, steps, antiforgery) is not var (form, url, user))
        {
            return Results.Redirect("/");
        }

        var codes = await factors.ConfirmAsync(user.Id, form["code"].ToString(), context.RequestAborted);
        if (!codes.Ok)
        {
            return await steps.SetUpPageAsync(context, user, url, Text(codes.Refusal), Status(codes.Refusal));
        }

        await steps.OpenAsync(context, user, "code");
        return await SignInSteps.CodesPageAsync(context, url, codes.Value);
    }

    /// <summary>POST: the question that a passkey answers; the same for everybody, so that it tells nothing.</summary>
    public static async Task<IResult> AskAsync(HttpContext context, Passkeys passkeys) =>
        Results.Json(await passkeys.AskToSignInAsync(context), ApiJson.Options);

    /// <summary>POST: a passkey's answer; it stands for both factors.</summary>
    public static async Task<IResult> AnswerAsync(
        HttpContext context, SignInSteps steps, Passkeys passkeys, UserDirectory users, IAntiforgery antiforgery, ILoggerFactory logs)
    {
        if (!await antiforgery.IsRequestValidAsync(context))
        {
            return Results.Redirect("/");
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (PageView.CheckReturnUrl(form["returnUrl"]) is not { } url)
        {
            return Results.Redirect("/");
        }

        var id = await passkeys.SignInAsync(context, form["credential"].ToString(), form["state"].ToString());
        if (id is null)
        {
            IdentityLog.SignInRefused(logs.CreateLogger(typeof(SecondFactor)), RefusalReason.Forbidden, context.Connection.RemoteIpAddress);
            return await SignIn.PageAsync(context, url, null, "This passkey is not known here. Sign in with your password.", StatusCodes.Status401Unauthorized);
        }

        return await users.ReadAsync(id.Value, context.RequestAborted) is { Active: true } user
            ? await steps.FinishAsync(context, user, url, "passkey")
            : await SignIn.PageAsync(context, url, null, "This account is suspended. Ask your administrator.", StatusCodes.Status403Forbidden);
    }

    private static async Task<(IFormCollection Form, string Url, UserFacts User)?> ReadAsync(HttpContext context, SignInSteps steps, IAntiforgery antiforgery)
    {
        if (!await antiforgery.IsRequestValidAsync(context))
        {
            return null;
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        return PageView.CheckReturnUrl(form["returnUrl"]) is { } url && await steps.PendingAsync(form["pending"], context.RequestAborted) is { } user
            ? (form, url, user)
            : null;
    }

    private static string Text(Refusal refusal) => refusal.Reason == RefusalReason.RateLimited ? "Too many wrong codes. Wait a few minutes and try again." : refusal.Text;

    private static int Status(Refusal refusal) =>
        refusal.Reason == RefusalReason.RateLimited ? StatusCodes.Status429TooManyRequests : StatusCodes.Status401Unauthorized;
}
