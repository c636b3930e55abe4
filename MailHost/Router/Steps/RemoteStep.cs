using SaaS.Domain.Common;

namespace SaaS.MailHost.Router.Steps;

/// <summary>Outside: only for our own customers, or where one of them forwards. A stranger's mail is never relayed.</summary>
internal sealed class RemoteStep(AddressDirectory directory, RouterOptions options) : IRouteStep
{
    public async ValueTask<bool> ApplyAsync(Hop hop, DirectoryEntry? entry, Routing routing, CancellationToken ct)
    {
        if (entry is not null)
        {
            return false;
        }

        // This host's own postmaster (RFC 5321 §4.5.1), whose domain need not be a mail domain.
        if (hop.Address.Domain == options.HostName && hop.Address.LocalKey == "postmaster"
            && await directory.PostmasterAsync(null, ct) is { } postmaster)
        {
            routing.Deliver(postmaster.Account, postmaster.Tenant, null);
        }
        else if (hop.Via is not null || hop.Returned || routing.Context.Account is not null)
        {
            routing.Relay(hop);
        }
        else
        {
            routing.Refuse(RefusalReason.RelayDenied, "Relaying denied.");
        }

        return true;
    }
}
