using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Common;

namespace SaaS.MailHost.Imap;

/// <summary>Hears of an account's changes: remembers the newest modseq and wakes the session.</summary>
internal sealed class AccountWatch : IDisposable
{
    private readonly Action _wake;
    private readonly IDisposable _subscription;
    private long _hint;

    public AccountWatch(IChangeFeed feed, AccountId account, Action wake)
    {
        _wake = wake;
        Account = account;
        _subscription = feed.Subscribe(account, OnChange);
    }

    public AccountId Account { get; }

    /// <summary>The newest modseq that the change feed told of.</summary>
    public long Hint => Volatile.Read(ref _hint);

    public void Dispose() => _subscription.Dispose();

    private void OnChange(ModSeq modSeq)
    {
        long seen;
        do
        {
            seen = Volatile.Read(ref _hint);
            if (modSeq.Value <= seen)
            {
                return;
            }
        }
        while (Interlocked.CompareExchange(ref _hint, modSeq.Value, seen) != seen);
        _wake();
    }
}
