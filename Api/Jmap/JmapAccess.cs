using SaaS.Client.Jmap;
using SaaS.Domain.Common;
using SaaS.Domain.Sharing;
using MailboxRights = SaaS.Domain.Sharing.MailboxRights;

namespace SaaS.Api.Jmap;

/// <summary>An account that the caller may use.</summary>
/// <param name="Shared">Through which; null for the caller's own.</param>
internal sealed record JmapAccount(AccountId Id, SharedAccount? Shared)
{
    public MailboxRights Rights => Shared?.Everywhere & MailboxRights.All ?? MailboxRights.All;

    public bool IsReadOnly => Shared is { IsWritable: false };

    /// <summary>Why a method cannot be for this account; null where it can.</summary>
    public MethodException? Refuses(JmapMethod method) => Shared is null ? null
        : !Offers(method.Capability) ? new MethodException("accountNotSupportedByMethod")
        : method.Writes && IsReadOnly ? new MethodException("accountReadOnly")
        : null;

    /// <summary>Mail for every member; sending and filters for those who may.</summary>
    public bool Offers(string capability) => Shared is null || capability switch
    {
        JmapCapability.Submission => Shared.MaySend,
        JmapCapability.Sieve or JmapCapability.VacationResponse => Shared.Everywhere.Has(MailboxRights.All),
        _ => true,
    };
}

/// <summary>Which accounts a caller may use: its own, and those shared to it as a whole. Every way into JMAP asks here.</summary>
internal sealed class JmapAccess(ShareDirectory shares)
{
    /// <summary>The own one first; the others by address.</summary>
    public async ValueTask<IReadOnlyList<JmapAccount>> AccountsAsync(JmapCaller caller, CancellationToken ct) => caller.Account is { } own
        ? [new JmapAccount(own, null), .. (await shares.OfAsync(own, ct)).Where(s => s.IsReadable).Select(s => new JmapAccount(s.Id, s))]
        : [];

    /// <summary>Null: there is none, or it is not the caller's to see. The two look alike.</summary>
    public async ValueTask<JmapAccount?> FindAsync(JmapCaller caller, AccountId? id, CancellationToken ct) =>
        id is null || caller.Account is not { } own ? null
            : id == own ? new JmapAccount(own, null)
            : await shares.FindAsync(own, id.Value, ct) is { IsReadable: true } shared ? new JmapAccount(id.Value, shared)
            : null;
}
