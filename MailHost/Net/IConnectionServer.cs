namespace SaaS.MailHost.Net;

/// <summary>A line protocol on a listener. One instance serves all connections of the listener.</summary>
internal interface IConnectionServer
{
    /// <summary>For limits, metrics and logs: "mx", "submission", "imap", …</summary>
    string Protocol { get; }

    /// <summary>What a client reads before it is turned away because its address holds too many connections.</summary>
    ReadOnlyMemory<byte> TooManyConnections { get; }

    /// <summary>From the banner to the end. Returning closes the connection. Exceptions of the transport (reset, cancelled) may be let through.</summary>
    /// <param name="connection">On a TLS listener the handshake is done.</param>
    /// <param name="ct">The connection is gone.</param>
    Task ServeAsync(ClientConnection connection, CancellationToken ct);
}
