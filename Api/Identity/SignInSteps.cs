using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http.HttpResults;
using QRCoder;
using SaaS.Api.Identity.Pages;
using SaaS.Domain.Accounts;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace SaaS.Api.Identity;

/// <summary>What comes between a right password and an open session. Who is on the way is written on the page, sealed for ten minutes, and nowhere else.</summary>
internal sealed class SignInSteps(
    IDataProtectionProvider protection, UserDirectory users, UserSessions sessions, SecondFactors factors, IServiceScopeFactory scopes)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private readonly ITimeLimitedDataProtector _seal = protection.CreateProtector("sign-in.v1").ToTimeLimitedDataProtector();

    /// <summary>After the password: the next page, or the session.</summary>
    public async Task<IResult> GoOnAsync(HttpContext context, UserFacts user, string url)
    {
        var state = await factors.StateAsync(user.Id, context.RequestAborted);
        if (state.Totp)
        {
            return await CodePageAsync(context, user, url, state.Passkeys > 0, null, StatusCodes.Status200OK);
        }

        await using var scope = scopes.CreateAsyncScope();
        if (!await scope.ServiceProvider.GetRequiredService<SignInPolicy>().NeedsSecondFactorAsync(user, context.RequestAborted))
        {
            return await FinishAsync(context, user, url, "password");
        }

        return state.Passkeys > 0
            ? await CodePageAsync(context, user, url, passkey: true, null, StatusCodes.Status200OK, code: false)
            : await SetUpPageAsync(context, user, url, null, StatusCodes.Status200OK);
    }

    public async Task<IResult> FinishAsync(HttpContext context, UserFacts user, string url, string method)
    {
        await OpenAsync(context, user, method);
        return Results.Redirect(url);
    }

    public async Task OpenAsync(HttpContext context, UserFacts user, string method)
    {
        var session = await sessions.OpenAsync(
            user.Id, method, context.Connection.RemoteIpAddress?.ToString(), context.Request.Headers.UserAgent.ToString(), context.RequestAborted);
        var identity = new ClaimsIdentity(
            [
                new Claim(Claims.Subject, user.Id.ToString(CultureInfo.InvariantCulture)),
                new Claim(OAuthNames.Stamp, OAuthNames.StampOf(user.Stamp)),
                new Claim(OAuthNames.Session, session.ToString("N")),
            ],
            OAuthNames.SessionScheme);
        await context.SignInAsync(OAuthNames.SessionScheme, new ClaimsPrincipal(identity));
    }

    /// <summary>Who has shown the password on the page before; null: nobody, or too long ago, or something ended it since.</summary>
    public async Task<UserFacts?> PendingAsync(string? seal, CancellationToken ct)
    {
        try
        {
            var parts = _seal.Unprotect(seal ?? "").Split(' ');
            return await users.ReadAsync(long.Parse(parts[0], CultureInfo.InvariantCulture), ct) is { Active: true } user && OAuthNames.StampOf(user.Stamp) == parts[1]
                ? user
                : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    public async Task<IResult> CodePageAsync(
        HttpContext context, UserFacts user, string url, bool passkey, string? error, int status, bool code = true) =>
        new RazorComponentResult<CodePage>(new
        {
            View = await PageView.OfAsync(context, url, script: passkey),
            ReturnUrl = url,
            Pending = Seal(user),
            user.Login,
            Passkey = passkey,
            Code = code,
            Error = error,
        })
        {
            StatusCode = status,
        };

    public async Task<IResult> SetUpPageAsync(HttpContext context, UserFacts user, string url, string? error, int status)
    {
        var view = await PageView.OfAsync(context, url);
        var started = await factors.StartAsync(user.Id, user.Login, view.Brand.Name, context.RequestAborted);
        return !started.Ok
            ? Results.Redirect(url)
            : new RazorComponentResult<SetUpPage>(new { View = view, ReturnUrl = url, Pending = Seal(user), started.Value.Secret, Picture = Picture(started.Value.Uri), Error = error })
            {
                StatusCode = status,
            };
    }

    public static async Task<IResult> CodesPageAsync(HttpContext context, string url, IReadOnlyList<string> codes) =>
        new RazorComponentResult<CodesPage>(new { View = await PageView.OfAsync(context, url), ReturnUrl = url, Codes = codes });

    /// <summary>A QR code as a data: address.</summary>
    public static string Picture(string text)
    {
        using var data = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        using var code = new SvgQRCode(data);
        var svg = code.GetGraphic(6, "#000000", "#ffffff", drawQuietZones: true, SvgQRCode.SizingMode.ViewBoxAttribute);
        return "data:image/svg+xml;base64," + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(svg));
    }

    private string Seal(UserFacts user) => _seal.Protect($"{user.Id} {OAuthNames.StampOf(user.Stamp)}", Patience);
}
