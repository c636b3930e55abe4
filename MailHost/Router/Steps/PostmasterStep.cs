namespace SaaS.MailHost.Router.Steps;

/// <summary>postmaster@ of every local domain is accepted (RFC 5321 §4.5.1): the tenant's first admin, the catch-all, an operator.</summary>
internal sealed class PostmasterStep(AddressDirectory directory) : IRouteStep
{
    public async ValueTask<bool> ApplyAsync(Hop hop, DirectoryEntry? entry, Routing routing, CancellationToken ct)
    {
        if (entry is null || hop.Address.LocalKey != "postmaster")
        {
            return false;
        }

        if (await directory.PostmasterAsync(entry.Tenant, ct) is { } admin)
        {
            routing.Deliver(admin.Account, admin.Tenant, null);
            return true;
        }

        if (entry.CatchAll is { Length: > 0 } target)
        {
            routing.Follow(target, entry.Tenant);
            return true;
        }

        return false;
    }
}
