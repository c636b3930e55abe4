using SaaS.Client.Http;

namespace SaaS.Client.Plans;

public sealed class PlansClient(ApiClient api)
{
    public Task<PageOf<PlanView>> ListAsync(PageQuery? page, CancellationToken ct) =>
        api.GetAsync<PageOf<PlanView>>(ApiClient.Query("/v1/plans", page), ct);

    public Task<PlanView> GetAsync(long id, CancellationToken ct) => api.GetAsync<PlanView>($"/v1/plans/{id}", ct);

    public Task<PlanView> CreateAsync(CreatePlan body, CancellationToken ct, string? idempotencyKey = null) =>
        api.CreateAsync<PlanView>("/v1/plans", body, idempotencyKey, ct);

    public Task<PlanView> UpdateAsync(long id, UpdatePlan body, string? version, CancellationToken ct) =>
        api.PatchAsync<PlanView>($"/v1/plans/{id}", body, version, ct);

    public Task DeleteAsync(long id, string? version, CancellationToken ct) => api.DeleteAsync($"/v1/plans/{id}", version, ct);
}
