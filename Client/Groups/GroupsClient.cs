using SaaS.Client.Http;

namespace SaaS.Client.Groups;

public sealed class GroupsClient(ApiClient api)
{
    public Task<PageOf<GroupView>> ListAsync(PageQuery? page, CancellationToken ct, long? tenantId = null, long? domainId = null) =>
        api.GetAsync<PageOf<GroupView>>(ApiClient.Query("/v1/groups", page, ("tenantId", tenantId), ("domainId", domainId)), ct);

    public Task<GroupView> GetAsync(long id, CancellationToken ct) => api.GetAsync<GroupView>($"/v1/groups/{id}", ct);

    public Task<GroupView> CreateAsync(CreateGroup body, CancellationToken ct, string? idempotencyKey = null) =>
        api.CreateAsync<GroupView>("/v1/groups", body, idempotencyKey, ct);

    public Task<GroupView> UpdateAsync(long id, UpdateGroup body, string? version, CancellationToken ct) =>
        api.PatchAsync<GroupView>($"/v1/groups/{id}", body, version, ct);

    public Task DeleteAsync(long id, string? version, CancellationToken ct) => api.DeleteAsync($"/v1/groups/{id}", version, ct);

    public Task<PageOf<GroupMemberView>> ListMembersAsync(long id, PageQuery? page, CancellationToken ct) =>
        api.GetAsync<PageOf<GroupMemberView>>(ApiClient.Query($"/v1/groups/{id}/members", page), ct);

    /// <summary>Members that are there already stay.</summary>
    public Task<GroupView> AddMembersAsync(long id, AddGroupMembers body, CancellationToken ct) =>
        api.PostAsync<GroupView>($"/v1/groups/{id}/members", body, ct);

    public Task RemoveMemberAsync(long id, string address, CancellationToken ct) =>
        api.DeleteAsync($"/v1/groups/{id}/members/{Uri.EscapeDataString(address)}", null, ct);
}
