using System.Collections.Concurrent;
using SaaS.Domain.Common;

namespace SaaS.MailHost.Net;

/// <summary>How many connections each account holds with one protocol of this node. Those from trusted networks are not limited.</summary>
internal sealed class AccountConnections(ConnectionLimits limits)
{
    private readonly ConcurrentDictionary<AccountId, int> _open = new();

    /// <summary>False where the account holds too many; <see cref="Leave"/> follows a true.</summary>
    public bool TryEnter(AccountId account, ClientConnection connection, int limit)
    {
        if (_open.AddOrUpdate(account, 1, static (_, n) => n + 1) <= limit || limit == 0 || limits.IsTrusted(connection.RemoteAddress))
        {
            return true;
        }

        Leave(account);
        return false;
    }

    public void Leave(AccountId account)
    {
        while (_open.TryGetValue(account, out var n))
        {
            if (n <= 1 ? _open.TryRemove(KeyValuePair.Create(account, n)) : _open.TryUpdate(account, n - 1, n))
            {
                return;
            }
        }
    }
}
