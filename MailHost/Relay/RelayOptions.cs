namespace SaaS.MailHost.Relay;

/// <summary>Section Relay.</summary>
internal sealed class RelayOptions
{
    /// <summary>"host:port" that takes everything; empty: the recipients' own mail exchangers.</summary>
    public string SmartHost { get; set; } = "";

    /// <summary>Port of remote mail exchangers. Default 25; tests set another.</summary>
    public int Port { get; set; } = 25;

    /// <summary>Connections to one destination at a time. Default 10.</summary>
    public int MaxConnectionsPerDestination { get; set; } = 10;

    /// <summary>Messages over one connection. Default 100.</summary>
    public int MaxMessagesPerConnection { get; set; } = 100;

    /// <summary>Connections of this node at a time. Default 500.</summary>
    public int MaxConnections { get; set; } = 500;

    /// <summary>Recipients in one transaction; every server takes 100 (RFC 5321 §4.5.3.1.8). Default 100.</summary>
    public int MaxRecipientsPerTransaction { get; set; } = 100;

    /// <summary>How long a connection is kept for the next message. Default 5 seconds.</summary>
    public TimeSpan KeepIdle { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a destination that could not be reached is left alone by this node. Default 15 seconds.</summary>
    public TimeSpan RestAfterFailure { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Hosts tried for one delivery. Default 5.</summary>
    public int MaxHosts { get; set; } = 5;

    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(30);

    // RFC 5321 §4.5.3.2
    public TimeSpan GreetingTimeout { get; set; } = TimeSpan.FromMinutes(5);

    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromMinutes(5);

    public TimeSpan DataTimeout { get; set; } = TimeSpan.FromMinutes(2);

    public TimeSpan BlockTimeout { get; set; } = TimeSpan.FromMinutes(3);

    public TimeSpan FinalTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Host:Name: our EHLO name; a mail exchanger of this name is this host.</summary>
    public string HostName { get; set; } = "localhost";

    /// <summary>Smtp:Mx:Port: a mail exchanger at an address and this port of ours is this host.</summary>
    public int OwnPort { get; set; } = 2525;
}
