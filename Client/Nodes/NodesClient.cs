using SaaS.Client.Http;

namespace SaaS.Client.Nodes;

public sealed class NodesClient(ApiClient api)
{
    public Task<PageOf<NodeView>> ListAsync(CancellationToken ct) => api.GetAsync<PageOf<NodeView>>("/v1/nodes", ct);
}
