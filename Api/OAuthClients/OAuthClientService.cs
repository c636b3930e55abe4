using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenIddict.EntityFrameworkCore.Models;
using SaaS.Api.Identity;
using SaaS.Client.OAuthClients;
using SaaS.Domain;
using SaaS.Domain.Accounts;
using SaaS.Domain.Audit;
using SaaS.Domain.Common;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace SaaS.Api.OAuthClients;

/// <summary>
/// OAuth clients that integrators register. Each belongs to whoever made it (platform, reseller or tenant); its id says so, and it can
/// never do more than its owner.
/// </summary>
internal sealed class OAuthClientService(
    IOpenIddictApplicationManager applications, MailDbContext db, Authority authority, AuditLog audit, ServiceClients clients)
{
    public async Task<IReadOnlyList<OAuthClientView>> ListAsync(CancellationToken ct)
    {
        var prefix = ServiceClients.Prefix(OwnerOf(db.Caller.Scope));
        var all = db.Caller.Scope is CallerScope.Operator;
        var found = await db.Set<OpenIddictEntityFrameworkCoreApplication>().AsNoTracking()
            .Where(x => x.ClientId != OAuthNames.Webmail && (all || x.ClientId!.StartsWith(prefix))).OrderBy(x => x.ClientId).Take(500).ToListAsync(ct);
        var views = new List<OAuthClientView>();
        foreach (var application in found)
        {
            views.Add(await ViewAsync(application, ct));
        }

        return views;
    }

    public async Task<Outcome<OAuthClientCreated>> CreateAsync(CreateOAuthClient wanted, CancellationToken ct)
    {
        var owner = wanted.TenantId is { } tenant ? new RoleOver(Role.TenantAdmin, Tenant: new TenantId(tenant))
            : wanted.ResellerId is { } reseller ? new RoleOver(Role.ResellerAdmin, Reseller: new ResellerId(reseller))
            : OwnerOf(db.Caller.Scope);
        var known = owner switch
        {
            { Tenant: { } t } => await db.Tenants.AnyAsync(x => x.Id == t, ct),
            { Reseller: { } r } => await db.Resellers.AnyAsync(x => x.Id == r, ct),
            _ => true,
        };
        if (!known)
        {
            return Refusal.NotFound("owner");
        }

        if ((await authority.CheckGrantAsync(owner, ct) ?? Check(wanted)) is { } refusal)
        {
            return refusal;
        }

        var secret = wanted.Kind == OAuthClientKind.Native ? null : NewSecret();
        var descriptor = Describe(wanted, ServiceClients.Prefix(owner) + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(10)), secret);
        var made = await applications.CreateAsync(descriptor, ct);
        await NoteAsync("oauth-client.create", descriptor.ClientId!, owner, ct);
        return new OAuthClientCreated(await ViewAsync((OpenIddictEntityFrameworkCoreApplication)made, ct), secret);
    }

    public async Task<Refusal?> DeleteAsync(string clientId, CancellationToken ct)
    {
        if (await FindAsync(clientId, ct) is not { } application)
        {
            return Refusal.NotFound("client");
        }

        await applications.DeleteAsync(application, ct);
        clients.Forget(clientId);
        await NoteAsync("oauth-client.delete", clientId, ServiceClients.Owner(clientId)!, ct);
        return null;
    }

    public async Task<Outcome<OAuthClientCreated>> RotateSecretAsync(string clientId, CancellationToken ct)
    {
        if (await FindAsync(clientId, ct) is not { } application)
        {
            return Refusal.NotFound("client");
        }

        if (application.ClientType != ClientTypes.Confidential)
        {
            return Refusal.Invalid("kind", "A native client has no secret.");
        }

        var secret = NewSecret();
        await applications.UpdateAsync(application, secret, ct);
        await NoteAsync("oauth-client.secret", clientId, ServiceClients.Owner(clientId)!, ct);
        return new OAuthClientCreated(await ViewAsync(application, ct), secret);
    }

    private async Task<OpenIddictEntityFrameworkCoreApplication?> FindAsync(string clientId, CancellationToken ct) =>
        ServiceClients.Owner(clientId) is { } owner
        && await SeesAsync(owner, ct)
        && await applications.FindByClientIdAsync(clientId, ct) is OpenIddictEntityFrameworkCoreApplication found
            ? found
            : null;

    private async Task<bool> SeesAsync(RoleOver owner, CancellationToken ct) => await authority.CheckGrantAsync(owner, ct) is null;

    private static RoleOver OwnerOf(CallerScope scope) => scope switch
    {
        CallerScope.OfReseller r => new RoleOver(Role.ResellerAdmin, Reseller: r.Reseller),
        CallerScope.OfTenant t => new RoleOver(Role.TenantAdmin, Tenant: t.Tenant),
        _ => new RoleOver(Role.Operator),
    };

    private static string NewSecret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    private static Refusal? Check(CreateOAuthClient wanted)
    {
        if (string.IsNullOrWhiteSpace(wanted.Name) || wanted.Name.Length > 200)
        {
            return Refusal.Invalid("name", "A name of 1 to 200 characters is needed.");
        }

        if (wanted.Scopes is not { Count: > 0 } || wanted.Scopes.Any(s => s is not (OAuthNames.MailRead or OAuthNames.MailSend or OAuthNames.Admin)))
        {
            return Refusal.Invalid("scopes", "Some of mail.read, mail.send and admin.");
        }

        if (wanted.Kind == OAuthClientKind.Service)
        {
            return wanted.Scopes.Any(s => s != OAuthNames.Admin)
                ? Refusal.Invalid("scopes", "A service client has no mailbox: only admin makes sense.")
                : null;
        }

        var uris = wanted.RedirectUris ?? [];
        return uris.Count is 0 or > 20 ? Refusal.Invalid("redirectUris", "1 to 20 addresses.")
            : uris.All(u => IsRedirect(u, wanted.Kind)) ? null
            : Refusal.Invalid("redirectUris", "Each an absolute https address without a fragment; native clients may use loopback or a scheme of their own.");
    }

    // RFC 8252 §7: loopback http and private-use schemes are for native applications; a scheme must be a reversed domain name.
    private static bool IsRedirect(string text, OAuthClientKind kind) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Fragment.Length == 0
        && (uri.Scheme == Uri.UriSchemeHttps
            || (kind == OAuthClientKind.Native
                && (uri.Scheme == Uri.UriSchemeHttp ? uri.IsLoopback : uri.Scheme.Contains('.', StringComparison.Ordinal))));

    private static OpenIddictApplicationDescriptor Describe(CreateOAuthClient wanted, string clientId, string? secret)
    {
        var service = wanted.Kind == OAuthClientKind.Service;
        var descriptor = new OpenIddictApplicationDescriptor
        {
            ClientId = clientId,
            ClientSecret = secret,
            ClientType = secret is null ? ClientTypes.Public : ClientTypes.Confidential,
            ApplicationType = wanted.Kind == OAuthClientKind.Native ? ApplicationTypes.Native : ApplicationTypes.Web,
            ConsentType = ConsentTypes.Explicit,
            DisplayName = wanted.Name.Trim(),
        };
        descriptor.Permissions.UnionWith(wanted.Scopes.Select(s => Permissions.Prefixes.Scope + s));
        descriptor.Permissions.UnionWith([Permissions.Endpoints.Token, Permissions.Endpoints.Revocation]);
        if (secret is not null)
        {
            descriptor.Permissions.Add(Permissions.Endpoints.Introspection);
        }

        if (service)
        {
            descriptor.Permissions.Add(Permissions.GrantTypes.ClientCredentials);
            return descriptor;
        }

        descriptor.Permissions.UnionWith(
        [
            Permissions.Endpoints.Authorization, Permissions.Endpoints.EndSession, Permissions.GrantTypes.AuthorizationCode,
            Permissions.GrantTypes.RefreshToken, Permissions.ResponseTypes.Code, Permissions.Scopes.Profile, Permissions.Scopes.Email,
        ]);
        descriptor.Requirements.Add(Requirements.Features.ProofKeyForCodeExchange);
        descriptor.RedirectUris.UnionWith(wanted.RedirectUris!.Select(u => new Uri(u)));
        return descriptor;
    }

    private async Task NoteAsync(string action, string clientId, RoleOver owner, CancellationToken ct)
    {
        audit.Add(action, clientId, owner.Reseller, owner.Tenant);
        await db.SaveChangesAsync(ct);
    }

    private async Task<OAuthClientView> ViewAsync(OpenIddictEntityFrameworkCoreApplication application, CancellationToken ct)
    {
        var permissions = await applications.GetPermissionsAsync(application, ct);
        var owner = ServiceClients.Owner(application.ClientId ?? "");
        return new OAuthClientView(
            application.ClientId ?? "",
            application.DisplayName ?? "",
            application.ClientType == ClientTypes.Public ? OAuthClientKind.Native
                : permissions.Contains(Permissions.GrantTypes.ClientCredentials) ? OAuthClientKind.Service
                : OAuthClientKind.Web,
            [.. permissions.Where(p => p.StartsWith(Permissions.Prefixes.Scope, StringComparison.Ordinal))
                .Select(p => p[Permissions.Prefixes.Scope.Length..]).Where(s => s is OAuthNames.MailRead or OAuthNames.MailSend or OAuthNames.Admin)],
            await applications.GetRedirectUrisAsync(application, ct),
            owner?.Tenant?.Value,
            owner?.Reseller?.Value,
            null);
    }
}
