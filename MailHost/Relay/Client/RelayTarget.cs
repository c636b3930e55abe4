using System.Net;

namespace SaaS.MailHost.Relay.Client;

/// <summary>One address of one host that a message may be given to.</summary>
internal sealed record RelayTarget(string Host, IPAddress Address, int Port);
