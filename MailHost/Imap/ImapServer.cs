using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Common;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;
using SaaS.MailHost.Net;
using SaaS.MailHost.Sasl;

namespace SaaS.MailHost.Imap;

/// <summary>What all IMAP sessions of the node share.</summary>
internal sealed class ImapServer(
    CommandTable commands,
    SaslServer sasl,
    MailboxReader reader,
    MailboxService mailboxes,
    MessageStore store,
    IChangeFeed feed,
    AccessProxy.AccessProxy proxy,
    ConnectionLimits limits,
    ImapMetrics metrics,
    IOptions<ImapOptions> options,
    IOptions<MailHostOptions> host,
    IOptions<DataOptions> data,
    TimeProvider clock,
    ILogger<ImapServer> log) : IConnectionServer
{
    private readonly ConcurrentDictionary<AccountId, int> _connections = new();

    public string Protocol => "imap";

    public ReadOnlyMemory<byte> TooManyConnections { get; } = "* BYE [LIMIT] Too many connections.\r\n"u8.ToArray();

    public CommandTable Commands => commands;

    public SaslServer Sasl => sasl;

    public MailboxReader Reader => reader;

    public MailboxService Mailboxes => mailboxes;

    public MessageStore Store => store;

    public IChangeFeed Feed => feed;

    public AccessProxy.AccessProxy Proxy => proxy;

    public ImapMetrics Metrics => metrics;

    public ImapOptions Options => options.Value;

    public string HostName => host.Value.Name;

    public string SpoolPath => data.Value.SpoolPath;

    public TimeProvider Clock => clock;

    public ILogger Log => log;

    public async Task ServeAsync(ClientConnection connection, CancellationToken ct)
    {
        using var session = new ImapSession(this, connection);
        await session.RunAsync(ct);
    }

    /// <summary>False where the account holds too many connections; <see cref="Leave"/> follows a true.</summary>
    public bool TryEnter(AccountId account, ClientConnection connection)
    {
        var limit = limits.IsTrusted(connection.RemoteAddress) ? 0 : Options.ConnectionsPerAccount;
        if (_connections.AddOrUpdate(account, 1, static (_, n) => n + 1) <= limit || limit == 0)
        {
            return true;
        }

        Leave(account);
        return false;
    }

    public void Leave(AccountId account)
    {
        while (_connections.TryGetValue(account, out var n))
        {
            if (n <= 1 ? _connections.TryRemove(KeyValuePair.Create(account, n)) : _connections.TryUpdate(account, n - 1, n))
            {
                return;
            }
        }
    }
}
