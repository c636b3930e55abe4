using Microsoft.Extensions.Options;
using SaaS.Domain.Accounts;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;
using SaaS.MailHost.Net;

namespace SaaS.MailHost.Pop3;

/// <summary>What all POP3 sessions of the node share.</summary>
internal sealed class Pop3Server(
    PasswordAuthenticator authenticator,
    MessageStore store,
    MailboxService mailboxes,
    IOptions<Pop3Options> options,
    IOptions<MailHostOptions> host,
    IOptions<AuthOptions> auth,
    TimeProvider clock,
    ILogger<Pop3Server> log) : IConnectionServer
{
    public string Protocol => "pop3";

    public ReadOnlyMemory<byte> TooManyConnections { get; } = "-ERR [SYS/TEMP] Too many connections from your address\r\n"u8.ToArray();

    public PasswordAuthenticator Authenticator => authenticator;

    public MessageStore Store => store;

    public MailboxService Mailboxes => mailboxes;

    public Pop3Options Options => options.Value;

    public AuthOptions Auth => auth.Value;

    public string HostName => host.Value.Name;

    public TimeProvider Clock => clock;

    public ILogger Log => log;

    public Task ServeAsync(ClientConnection connection, CancellationToken ct) => new Pop3Session(this, connection).RunAsync(ct);
}
