namespace SaaS.Client.Nodes;

public enum NodeHealth
{
    Up,
    /// <summary>Takes no new connections and ends when the old ones have.</summary>
    Draining,
    /// <summary>No heartbeat for 30 seconds.</summary>
    Down,
}

public sealed record NodeView(
    string Id, string Process, string Host, IReadOnlyList<string> Roles, string Version, NodeHealth Health, DateTimeOffset StartedAt,
    DateTimeOffset HeartbeatAt, bool DrainRequested = false);

/// <param name="Draining">True: out of rotation (not ready, no new work); false: back again.</param>
public sealed record DrainNodeRequest(bool Draining);
