using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using SaaS.Domain.Common;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;
using SaaS.Domain.Settings;
using SaaS.MailHost.Net;
using SaaS.MailHost.Sasl;

namespace SaaS.MailHost.Pop3;

/// <summary>What all POP3 sessions of the node share.</summary>
internal sealed class Pop3Server(
    SaslServer sasl,
    MessageStore store,
    MailboxService mailboxes,
    AccountSettings settings,
    ConnectionLimits limits,
    Pop3Metrics metrics,
    AccessProxy.AccessProxy proxy,
    IOptions<Pop3Options> options,
    IOptions<MailHostOptions> host,
    TimeProvider clock,
    ILogger<Pop3Server> log) : IConnectionServer
{
    private const int MaxRemembered = 100_000;

    private readonly AccountConnections _connections = new(limits);
    private readonly ConcurrentDictionary<AccountId, long> _logins = new();

    public string Protocol => "pop3";

    public ReadOnlyMemory<byte> TooManyConnections { get; } = "-ERR [SYS/TEMP] Too many connections from your address\r\n"u8.ToArray();

    public SaslServer Sasl => sasl;

    public MessageStore Store => store;

    public MailboxService Mailboxes => mailboxes;

    public Pop3Metrics Metrics => metrics;

    public AccessProxy.AccessProxy Proxy => proxy;

    public Pop3Options Options => options.Value;

    public string HostName => host.Value.Name;

    public TimeProvider Clock => clock;

    public ILogger Log => log;

    public Task ServeAsync(ClientConnection connection, CancellationToken ct) => new Pop3Session(this, connection).RunAsync(ct);

    /// <summary>False where the account holds too many connections; <see cref="Leave"/> follows a true.</summary>
    public bool TryEnter(AccountId account, ClientConnection connection) => _connections.TryEnter(account, connection, Options.ConnectionsPerAccount);

    public void Leave(AccountId account) => _connections.Leave(account);

    /// <summary>Whether the account's last login on this node was long enough ago (RFC 2449 §6.5); remembers this one then.</summary>
    public bool MayLoginNow(AccountId account)
    {
        if (Options.LoginDelay == TimeSpan.Zero)
        {
            return true;
        }

        if (_logins.TryGetValue(account, out var last) && clock.GetElapsedTime(last) < Options.LoginDelay)
        {
            return false;
        }

        if (_logins.Count >= MaxRemembered)
        {
            _logins.Clear();
        }

        _logins[account] = clock.GetTimestamp();
        return true;
    }

    /// <summary>Removes what a session marked: for good, or into the trash where the account's settings say so. Null, or why it did not work.</summary>
    public async Task<Refusal?> DeleteAsync(Maildrop drop, CancellationToken ct)
    {
        var uids = drop.Marked();
        if (uids.Count == 0)
        {
            return null;
        }

        var which = new MessageSelection.ByUid(drop.Mailbox, uids);
        var toTrash = (await settings.GetAsync(drop.Account, SettingCatalogue.Pop3DeleteToTrash, ct)).GetBoolean();
        if (toTrash)
        {
            var trash = await mailboxes.FindAsync(drop.Account, SpecialUse.Trash, ct);
            if (trash is null)
            {
                var made = await mailboxes.CreateAsync(drop.Account, "Trash", SpecialUse.Trash, subscribe: true, ct);
                if (!made.Ok)
                {
                    return made.Refusal;
                }

                trash = made.Value;
            }

            var moved = await store.MoveAsync(drop.Account, which, trash.Id, ct);
            if (!moved.Ok)
            {
                return moved.Refusal;
            }
        }
        else
        {
            await store.ExpungeAsync(drop.Account, which, onlyDeleted: false, ct);
        }

        metrics.Deleted(uids.Count, toTrash);
        return null;
    }
}
