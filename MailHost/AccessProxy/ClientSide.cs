using System.Net;

namespace SaaS.MailHost.AccessProxy;

/// <summary>The client as the platform may be told of it.</summary>
/// <param name="Session">Our name for its connection: in both systems' logs.</param>
internal sealed record ClientSide(IPEndPoint Remote, IPEndPoint Local, string Session, string? Helo = null);
