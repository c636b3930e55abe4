using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace SaaS.Api.Identity;

/// <summary>Registers the first-party web client at the start, before the first request; safe to run on several nodes at once.</summary>
internal sealed class Registrations(IServiceScopeFactory scopes, IConfiguration configuration) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var applications = scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>();
        var wanted = Describe(configuration["OAuth:WebmailSecret"]);
        if (await applications.FindByClientIdAsync(OAuthNames.Webmail, cancellationToken) is { } there)
        {
            await applications.UpdateAsync(there, wanted, cancellationToken);
            return;
        }

        try
        {
            await applications.CreateAsync(wanted, cancellationToken);
        }
        catch (Exception e) when (e is Microsoft.EntityFrameworkCore.DbUpdateException or OpenIddictExceptions.ValidationException)
        {
            // Another node was first.
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static OpenIddictApplicationDescriptor Describe(string? secret)
    {
        var webmail = new OpenIddictApplicationDescriptor
        {
            ClientId = OAuthNames.Webmail,
            ClientSecret = secret,
            ClientType = secret is null ? ClientTypes.Public : ClientTypes.Confidential,
            ApplicationType = ApplicationTypes.Web,
            ConsentType = ConsentTypes.Implicit,
            DisplayName = "Webmail",
            Permissions =
            {
                Permissions.Endpoints.Authorization, Permissions.Endpoints.Token, Permissions.Endpoints.Revocation, Permissions.Endpoints.EndSession,
                Permissions.GrantTypes.AuthorizationCode, Permissions.GrantTypes.RefreshToken, Permissions.ResponseTypes.Code,
                Permissions.Scopes.Profile, Permissions.Scopes.Email,
                Permissions.Prefixes.Scope + OAuthNames.MailRead, Permissions.Prefixes.Scope + OAuthNames.MailSend,
                Permissions.Prefixes.Scope + OAuthNames.Admin,
            },
            Requirements = { Requirements.Features.ProofKeyForCodeExchange },
        };
        return webmail;
    }
}
