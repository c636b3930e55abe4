using SaaS.Client.Http;

namespace SaaS.Client.AppPasswords;

/// <summary>The caller's own app passwords; those of an account for its administrators.</summary>
public sealed class AppPasswordsClient(ApiClient api)
{
    public Task<AppPasswordList> ListAsync(CancellationToken ct) => api.GetAsync<AppPasswordList>("/v1/me/app-passwords", ct);

    public Task<AppPasswordCreated> CreateAsync(CreateAppPassword body, CancellationToken ct) =>
        api.PostAsync<AppPasswordCreated>("/v1/me/app-passwords", body, ct);

    public Task RevokeAsync(long id, CancellationToken ct) => api.DeleteAsync($"/v1/me/app-passwords/{id}", null, ct);

    public Task<AppPasswordList> ListOfAsync(long account, CancellationToken ct) =>
        api.GetAsync<AppPasswordList>($"/v1/accounts/{account}/app-passwords", ct);

    public Task RevokeOfAsync(long account, long id, CancellationToken ct) =>
        api.DeleteAsync($"/v1/accounts/{account}/app-passwords/{id}", null, ct);
}
