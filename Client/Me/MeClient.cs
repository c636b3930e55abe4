using SaaS.Client.Http;

namespace SaaS.Client.Me;

public sealed class MeClient(ApiClient api)
{
    public Task<MeView> GetAsync(CancellationToken ct) => api.GetAsync<MeView>("/v1/me", ct);

    public Task<MeView> UpdateAsync(UpdateMe body, CancellationToken ct) => api.PatchAsync<MeView>("/v1/me", body, null, ct);

    public Task ChangePasswordAsync(ChangePassword body, CancellationToken ct) => api.PostAsync("/v1/me/password", body, ct);
}
