using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Core;
using OpenIddict.EntityFrameworkCore.Models;

namespace SaaS.Api.Identity;

/// <summary>
/// OAuth clients. The first-party web client runs on every brand host, so its redirects are right when they lead to the very origin that the
/// request came to; every other client lists them.
/// </summary>
internal sealed class Applications(
    IOpenIddictApplicationCache<OpenIddictEntityFrameworkCoreApplication> cache,
    ILogger<OpenIddictApplicationManager<OpenIddictEntityFrameworkCoreApplication>> logger,
    IOptionsMonitor<OpenIddictCoreOptions> options,
    IOpenIddictApplicationStore<OpenIddictEntityFrameworkCoreApplication> store,
    IHttpContextAccessor http)
    : OpenIddictApplicationManager<OpenIddictEntityFrameworkCoreApplication>(cache, logger, options, store)
{
    public const string SignInPath = "/signin-oidc";
    public const string SignOutPath = "/signout-callback-oidc";

    public override ValueTask<bool> ValidateRedirectUriAsync(
        OpenIddictEntityFrameworkCoreApplication application, string uri, CancellationToken cancellationToken = default) =>
        application.ClientId == OAuthNames.Webmail
            ? new ValueTask<bool>(IsOwnOrigin(uri, SignInPath))
            : base.ValidateRedirectUriAsync(application, uri, cancellationToken);

    public override ValueTask<bool> ValidatePostLogoutRedirectUriAsync(
        OpenIddictEntityFrameworkCoreApplication application, string uri, CancellationToken cancellationToken = default) =>
        application.ClientId == OAuthNames.Webmail
            ? new ValueTask<bool>(IsOwnOrigin(uri, SignOutPath))
            : base.ValidatePostLogoutRedirectUriAsync(application, uri, cancellationToken);

    public override async IAsyncEnumerable<OpenIddictEntityFrameworkCoreApplication> FindByPostLogoutRedirectUriAsync(
        string uri, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (IsOwnOrigin(uri, SignOutPath) && await FindByClientIdAsync(OAuthNames.Webmail, cancellationToken) is { } webmail)
        {
            yield return webmail;
        }

        await foreach (var application in base.FindByPostLogoutRedirectUriAsync(uri, cancellationToken))
        {
            yield return application;
        }
    }

    private bool IsOwnOrigin(string uri, string path) =>
        http.HttpContext?.Request is { } request
        && string.Equals(uri, $"{request.Scheme}://{request.Host}{path}", StringComparison.OrdinalIgnoreCase);
}
