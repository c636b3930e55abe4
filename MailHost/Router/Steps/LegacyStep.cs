using SaaS.Domain.Common;

namespace SaaS.MailHost.Router.Steps;

/// <summary>An account that is still at home on a legacy platform: its mail goes there, by the queue. What it forwards, and whether it is full, is
/// that platform's to say.</summary>
internal sealed class LegacyStep : IRouteStep
{
    public ValueTask<bool> ApplyAsync(Hop hop, DirectoryEntry? entry, Routing routing, CancellationToken ct)
    {
        if (entry is not { Kind: TargetKind.Mailbox, Home: { } home })
        {
            return ValueTask.FromResult(false);
        }

        if (entry.MailboxSuspended && !routing.Context.Patient)
        {
            routing.Refuse(RefusalReason.Suspended, "The mailbox is not in use at present.");
        }
        else
        {
            routing.Deliver(new AccountId(entry.Target), entry.Tenant, entry.Detail, home);
        }

        return ValueTask.FromResult(true);
    }
}
