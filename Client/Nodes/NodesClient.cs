using SaaS.Client.Http;

namespace SaaS.Client.Nodes;

public sealed class NodesClient(ApiClient api)
{
    public Task<PageOf<NodeView>> ListAsync(CancellationToken ct) => api.GetAsync<PageOf<NodeView>>("/v1/nodes", ct);

    /// <summary>Takes a node out of rotation within ten seconds, or back.</summary>
    public Task DrainAsync(string id, bool draining, CancellationToken ct) =>
        api.PostAsync($"/v1/nodes/{Uri.EscapeDataString(id)}/drain", new DrainNodeRequest(draining), ct);
}
