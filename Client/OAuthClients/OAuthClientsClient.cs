using SaaS.Client.Http;

namespace SaaS.Client.OAuthClients;

public sealed class OAuthClientsClient(ApiClient api)
{
    public Task<PageOf<OAuthClientView>> ListAsync(CancellationToken ct) => api.GetAsync<PageOf<OAuthClientView>>("/v1/oauth-clients", ct);

    public Task<OAuthClientCreated> CreateAsync(CreateOAuthClient body, CancellationToken ct) =>
        api.CreateAsync<OAuthClientCreated>("/v1/oauth-clients", body, null, ct);

    /// <summary>Tokens of the client stop working.</summary>
    public Task DeleteAsync(string clientId, CancellationToken ct) =>
        api.DeleteAsync($"/v1/oauth-clients/{Uri.EscapeDataString(clientId)}", null, ct);

    public Task<OAuthClientCreated> RotateSecretAsync(string clientId, CancellationToken ct) =>
        api.PostAsync<OAuthClientCreated>($"/v1/oauth-clients/{Uri.EscapeDataString(clientId)}/secret", null, ct);
}
