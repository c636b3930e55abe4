namespace SaaS.MailHost.Router;

/// <summary>What the router and the hand-over need to know of this host.</summary>
public sealed class RouterOptions
{
    /// <summary>Host:Name.</summary>
    public string HostName { get; set; } = "localhost";

    /// <summary>A message with more Received headers than this is in a loop (RFC 5321 §6.3). Default 50.</summary>
    public int MaxReceived { get; set; } = 50;

    /// <summary>Accounts that one node delivers to at the same time from the queue. Default 8.</summary>
    public int FanOutConcurrency { get; set; } = 8;
}
