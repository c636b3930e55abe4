using SaaS.Domain.Common;

namespace SaaS.MailHost.Router.Steps;

/// <summary>An account: its mailbox, and where it forwards to.</summary>
internal sealed class MailboxStep : IRouteStep
{
    public ValueTask<bool> ApplyAsync(Hop hop, DirectoryEntry? entry, Routing routing, CancellationToken ct)
    {
        if (entry is not { Kind: TargetKind.Mailbox })
        {
            return ValueTask.FromResult(false);
        }

        var account = new AccountId(entry.Target);
        if (entry.MailboxSuspended && !routing.Context.Patient)
        {
            routing.Refuse(RefusalReason.Suspended, "The mailbox is not in use at present.");
            return ValueTask.FromResult(true);
        }

        // An account that forwards to one of its own addresses means "keep a copy".
        if (hop.From == account)
        {
            routing.Deliver(account, entry.Tenant, entry.Detail);
            return ValueTask.FromResult(true);
        }

        foreach (var target in entry.ForwardTo)
        {
            if (MailAddress.TryParse(target, out var address) && address.LocalKey == hop.Address.LocalKey && address.Domain == hop.Address.Domain)
            {
                routing.Deliver(account, entry.Tenant, entry.Detail);
            }
            else
            {
                routing.Follow(target, entry.Tenant, account);
            }
        }

        if (entry.ForwardTo.Length > 0 && !entry.KeepForwarded)
        {
            return ValueTask.FromResult(true);
        }

        // A full mailbox is refused while its sender is here to hear it; behind an alias or group, or where the message goes on to
        // elsewhere as well, the queue tries for some days.
        if (entry.MailboxFull && hop.Via is null && entry.ForwardTo.Length == 0 && !routing.Context.Patient)
        {
            routing.Refuse(RefusalReason.OverQuota, "The mailbox is full.");
        }
        else
        {
            routing.Deliver(account, entry.Tenant, entry.Detail);
        }

        return ValueTask.FromResult(true);
    }
}
