using System.Net;

namespace SaaS.MailHost.Moves;

/// <summary>Section Moves.</summary>
internal sealed class MoveOptions
{
    public const string Section = "Moves";

    /// <summary>Moves that one node runs at a time. Default 4; 0: this node runs none.</summary>
    public int Concurrent { get; set; } = 4;

    /// <summary>Connections to one source host, over all nodes. Default 8.</summary>
    public int PerHost { get; set; } = 8;

    /// <summary>The most that any one move reads a second; a move may ask for less. Default 200.</summary>
    public int MessagesPerSecond { get; set; } = 200;

    /// <summary>The same in octets. Default 20 MB.</summary>
    public long BytesPerSecond { get; set; } = 20 * 1024 * 1024;

    /// <summary>Larger messages stay where they are and are reported. Octets, default 100 MB.</summary>
    public long MaxMessage { get; set; } = 100 * 1024 * 1024;

    /// <summary>Networks that are not public and may be a source all the same (10.0.0.0/8). Default none: a move must not be a way into our own network.</summary>
    public List<string> AllowedNetworks { get; set; } = [];

    /// <summary>A move whose node says nothing for so long is taken over. Default 1 minute.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a source may be silent in the middle of an answer. Default 2 minutes.</summary>
    public TimeSpan Silence { get; set; } = TimeSpan.FromMinutes(2);

    internal IReadOnlyList<IPNetwork> Allowed => [.. AllowedNetworks.Select(n => IPNetwork.Parse(n))];
}
