using SaaS.Domain.Common;

namespace SaaS.MailHost.Router.Steps;

/// <summary>A distribution group: every member. An internal one only for senders who signed in to the same tenant: a reverse-path
/// of the tenant's domain proves nothing.</summary>
internal sealed class GroupStep(AddressDirectory directory) : IRouteStep
{
    public async ValueTask<bool> ApplyAsync(Hop hop, DirectoryEntry? entry, Routing routing, CancellationToken ct)
    {
        if (entry is not { Kind: TargetKind.Group })
        {
            return false;
        }

        if (entry.GroupInternalOnly && routing.Context.Tenant != entry.Tenant)
        {
            routing.Refuse(RefusalReason.Forbidden, "You may not write to this address.");
            return true;
        }

        foreach (var member in await directory.MembersAsync(entry.Target, Routing.MaxRoutes, ct))
        {
            routing.Follow(member, entry.Tenant);
        }

        return true;
    }
}
