using System.Net;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.HttpResults;
using SaaS.Api.Identity.Pages;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;

namespace SaaS.Api.Identity;

/// <summary>/connect/sign-in: asks for address and password; the throttle is <see cref="PasswordAuthenticator"/>'s.</summary>
internal static class SignIn
{
    public const string Path = "/connect/sign-in";

    public static async Task<IResult> ShowAsync(HttpContext context, string? returnUrl) =>
        PageView.CheckReturnUrl(returnUrl) is { } url
            ? await PageAsync(context, url, null, null, StatusCodes.Status200OK)
            : Results.Redirect("/"); // opened by hand: the application starts a sign-in that leads somewhere

    public static async Task<IResult> SubmitAsync(
        HttpContext context, PasswordAuthenticator passwords, UserDirectory users, SignInSteps steps, IAntiforgery antiforgery,
        ILoggerFactory logs)
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

        var login = form["login"].ToString().Trim();
        var signedIn = await passwords.SignInAsync(
            login, form["password"].ToString(), context.Connection.RemoteIpAddress ?? IPAddress.None, context.RequestAborted);
        if (!signedIn.Ok)
        {
            IdentityLog.SignInRefused(logs.CreateLogger(typeof(SignIn)), signedIn.Refusal.Reason, context.Connection.RemoteIpAddress);
            return signedIn.Refusal.Reason switch
            {
                RefusalReason.RateLimited => await PageAsync(
                    context, url, login, "Too many attempts. Wait a few minutes and try again.", StatusCodes.Status429TooManyRequests),
                RefusalReason.Suspended => await PageAsync(
                    context, url, login, "This account is suspended. Ask your administrator.", StatusCodes.Status403Forbidden),
                _ => await PageAsync(context, url, login, "The address or the password is not right.", StatusCodes.Status401Unauthorized),
            };
        }

        users.Forget(signedIn.Value.UserId);
        if (await users.ReadAsync(signedIn.Value.UserId, context.RequestAborted) is not { Active: true } user)
        {
            return await PageAsync(context, url, login, "This account is suspended. Ask your administrator.", StatusCodes.Status403Forbidden);
        }

        return await steps.GoOnAsync(context, user, url);
    }

    internal static async Task<IResult> PageAsync(HttpContext context, string returnUrl, string? login, string? error, int status)
    {
        var view = await PageView.OfAsync(context, returnUrl, script: true);
        return new RazorComponentResult<SignInPage>(new { View = view, ReturnUrl = returnUrl, Login = login, Error = error })
        {
            StatusCode = status,
        };
    }
}
