namespace SaaS.Domain.Nodes;

/// <summary>A running process and its roles, as its heartbeat (every 10 s) says. One without a heartbeat for 30 s is down.</summary>
public sealed class Node
{
    /// <summary>host:process:pid, unique while it runs.</summary>
    public required string Id { get; set; }
    public required string Process { get; set; }
    public required string Host { get; set; }
    public List<string> Roles { get; set; } = [];
    public required string Version { get; set; }
    public DateTimeOffset StartedAt { get; set; }
    public DateTimeOffset HeartbeatAt { get; set; }
    public bool Draining { get; set; }
    /// <summary>An operator asked it to drain: it says that it is not ready, and takes no new connections, until this is taken back.</summary>
    public DateTimeOffset? DrainRequestedAt { get; set; }
}
