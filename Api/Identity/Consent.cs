using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using OpenIddict.Abstractions;
using SaaS.Api.Identity.Pages;
using SaaS.Domain.Accounts;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace SaaS.Api.Identity;

/// <summary>/connect/consent: asks once whether a client of somebody else may act for the user; the answer is kept.</summary>
internal static class Consent
{
    public const string Path = "/connect/consent";

    private sealed record Asked(string Url, UserFacts User, object Application, ImmutableArray<string> Scopes);

    public static async Task<IResult> ShowAsync(
        HttpContext context, string? returnUrl, TokenCheck tokens, IOpenIddictApplicationManager applications)
    {
        if (await ReadAsync(context, returnUrl, tokens, applications) is not { } asked)
        {
            return Results.Redirect("/");
        }

        var name = await applications.GetDisplayNameAsync(asked.Application, context.RequestAborted) ?? "An application";
        return new RazorComponentResult<ConsentPage>(new
        {
            View = await PageView.OfAsync(context, asked.Url),
            ReturnUrl = asked.Url,
            ClientName = name,
            asked.User.Login,
            Scopes = (IReadOnlyList<string>)[.. asked.Scopes.Select(Explain).OfType<string>()],
        });
    }

    public static async Task<IResult> SubmitAsync(
        HttpContext context, TokenCheck tokens, IOpenIddictApplicationManager applications, IOpenIddictAuthorizationManager authorizations,
        IAntiforgery antiforgery)
    {
        if (!await antiforgery.IsRequestValidAsync(context))
        {
            return Results.Redirect("/");
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (await ReadAsync(context, form["returnUrl"], tokens, applications) is not { } asked)
        {
            return Results.Redirect("/");
        }

        if (form["answer"] != "yes")
        {
            // Back through the authorization endpoint, which has checked where the client may be told so.
            return Results.Redirect(QueryHelpers.AddQueryString(asked.Url, Authorize.Refused, "true"));
        }

        await authorizations.CreateAsync(
            new OpenIddictAuthorizationDescriptor
            {
                ApplicationId = await applications.GetIdAsync(asked.Application, context.RequestAborted),
                Subject = asked.User.Id.ToString(CultureInfo.InvariantCulture),
                Status = Statuses.Valid,
                Type = AuthorizationTypes.Permanent,
            }.With(asked.Scopes),
            context.RequestAborted);
        return Results.Redirect(asked.Url);
    }

    private static async Task<Asked?> ReadAsync(
        HttpContext context, string? returnUrl, TokenCheck tokens, IOpenIddictApplicationManager applications)
    {
        if (PageView.CheckReturnUrl(returnUrl) is not { } url)
        {
            return null;
        }

        var user = await tokens.UserOfAsync((await context.AuthenticateAsync(OAuthNames.SessionScheme)).Principal, fresh: true, context.RequestAborted);
        var query = QueryHelpers.ParseQuery(url[Authorize.Path.Length..]);
        if (user is null || !query.TryGetValue("client_id", out var client)
            || await applications.FindByClientIdAsync(client.ToString(), context.RequestAborted) is not { } application)
        {
            return null;
        }

        var asked = query.TryGetValue("scope", out var scope) ? scope.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];
        return new Asked(url, user, application, Principals.OfUser(user, asked).GetScopes());
    }

    private static OpenIddictAuthorizationDescriptor With(this OpenIddictAuthorizationDescriptor descriptor, ImmutableArray<string> scopes)
    {
        descriptor.Scopes.UnionWith(scopes);
        return descriptor;
    }

    private static string? Explain(string scope) => scope switch
    {
        Scopes.Profile or Scopes.Email => "See your name and address",
        Scopes.OfflineAccess => "Keep access while you are away",
        OAuthNames.MailRead => "Read and organise your mail",
        OAuthNames.MailSend => "Send mail as you",
        OAuthNames.Admin => "Administer what your roles reach",
        _ => null,
    };
}
