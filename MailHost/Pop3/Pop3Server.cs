using Microsoft.Extensions.Options;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;
using SaaS.MailHost.Net;
using SaaS.MailHost.Sasl;

namespace SaaS.MailHost.Pop3;

/// <summary>What all POP3 sessions of the node share.</summary>
internal sealed class Pop3Server(
    SaslServer sasl,
    MessageStore store,
    MailboxService mailboxes,
    AccessProxy.AccessProxy proxy,
    IOptions<Pop3Options> options,
    IOptions<MailHostOptions> host,
    TimeProvider clock,
    ILogger<Pop3Server> log) : IConnectionServer
{
    public string Protocol => "pop3";

    public ReadOnlyMemory<byte> TooManyConnections { get; } = "-ERR [SYS/TEMP] Too many connections from your address\r\n"u8.ToArray();

    public SaslServer Sasl => sasl;

    public MessageStore Store => store;

    public MailboxService Mailboxes => mailboxes;

    public AccessProxy.AccessProxy Proxy => proxy;

    public Pop3Options Options => options.Value;

    public string HostName => host.Value.Name;

    public TimeProvider Clock => clock;

    public ILogger Log => log;

    public Task ServeAsync(ClientConnection connection, CancellationToken ct) => new Pop3Session(this, connection).RunAsync(ct);
}
