using SaaS.Client.Http;

namespace SaaS.Client.Accounts;

public sealed class AccountsClient(ApiClient api)
{
    /// <summary>Search looks in address and name.</summary>
    public Task<PageOf<AccountView>> ListAsync(PageQuery? page, CancellationToken ct, long? tenantId = null, long? domainId = null) =>
        api.GetAsync<PageOf<AccountView>>(ApiClient.Query("/v1/accounts", page, ("tenantId", tenantId), ("domainId", domainId)), ct);

    public Task<AccountView> GetAsync(long id, CancellationToken ct) => api.GetAsync<AccountView>($"/v1/accounts/{id}", ct);

    public Task<AccountView> CreateAsync(CreateAccount body, CancellationToken ct, string? idempotencyKey = null) =>
        api.CreateAsync<AccountView>("/v1/accounts", body, idempotencyKey, ct);

    public Task<AccountView> UpdateAsync(long id, UpdateAccount body, string? version, CancellationToken ct) =>
        api.PatchAsync<AccountView>($"/v1/accounts/{id}", body, version, ct);

    /// <summary>The address is free at once; the mail goes after the retention time.</summary>
    public Task DeleteAsync(long id, string? version, CancellationToken ct) => api.DeleteAsync($"/v1/accounts/{id}", version, ct);

    /// <summary>Ends all sessions of the user too.</summary>
    public Task SetPasswordAsync(long id, SetPassword body, CancellationToken ct) => api.PostAsync($"/v1/accounts/{id}/password", body, ct);

    /// <summary>Takes authenticator, recovery codes and passkeys away, and ends all sessions.</summary>
    public Task ResetSecondFactorAsync(long id, CancellationToken ct) => api.PostAsync($"/v1/accounts/{id}/second-factor/reset", null, ct);

    /// <summary>Ends all sessions of the user too.</summary>
    public Task ImportPasswordHashAsync(long id, SetPasswordHash body, CancellationToken ct) => api.PostAsync($"/v1/accounts/{id}/password-hash", body, ct);

    public Task<AccountView> SetHomeAsync(long id, SetAccountHome body, CancellationToken ct) =>
        api.PostAsync<AccountView>($"/v1/accounts/{id}/home", body, ct);

    public Task<AccountView> SetSuspendedAsync(long id, SetSuspended body, CancellationToken ct) =>
        api.PostAsync<AccountView>($"/v1/accounts/{id}/suspend", body, ct);
}
