using SaaS.Domain.Common;

namespace SaaS.Domain.ChangeFeed;

/// <summary>
/// Tells that an account changed, in this process at once and in the others within milliseconds. Only a hint: a subscriber reads what
/// changed from its own modseq on, and polls slowly in case a hint is lost.
/// </summary>
public interface IChangeFeed
{
    /// <summary>After commit. Never blocks and never throws.</summary>
    void Publish(AccountId account, ModSeq modSeq);

    /// <summary>Calls <paramref name="onChange"/> (from any thread; it must return at once and not throw) until disposed.</summary>
    IDisposable Subscribe(AccountId account, Action<ModSeq> onChange);

    /// <summary>Every account's changes: the indexer, the push service.</summary>
    IDisposable SubscribeAll(Action<AccountId, ModSeq> onChange);

    /// <summary>Wakes whoever waits for work of a kind: "queue", "submission". Coalesced, across processes.</summary>
    void Wake(string topic);

    IDisposable OnWake(string topic, Action onWake);
}
