namespace SaaS.Client.OAuthClients;

public enum OAuthClientKind
{
    /// <summary>A program on a server: client credentials; acts as its owner.</summary>
    Service,
    /// <summary>A web application with a secret: code + PKCE.</summary>
    Web,
    /// <summary>A native or browser application without a secret: code + PKCE.</summary>
    Native,
}

/// <param name="TenantId">What a service client acts as: this tenant, else <paramref name="ResellerId"/>, else the platform.</param>
public sealed record OAuthClientView(
    string ClientId, string Name, OAuthClientKind Kind, IReadOnlyList<string> Scopes, IReadOnlyList<string> RedirectUris, long? TenantId,
    long? ResellerId, DateTimeOffset? CreatedAt);

/// <param name="Scopes">Of mail.read, mail.send, admin.</param>
public sealed record CreateOAuthClient(
    string Name, OAuthClientKind Kind, IReadOnlyList<string> Scopes, IReadOnlyList<string>? RedirectUris = null, long? TenantId = null,
    long? ResellerId = null);

/// <summary>The secret is shown this once.</summary>
public sealed record OAuthClientCreated(OAuthClientView Client, string? Secret);
