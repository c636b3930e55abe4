using SaaS.Domain.Common;

namespace SaaS.MailHost.Router.Steps;

/// <summary>A reverse-path that we gave to forwarded mail: reports go back to the sender it stands for, and only reports do, since anything else would be
/// relaying.</summary>
internal sealed class ReturnPathStep(ReturnPaths paths) : IRouteStep
{
    public ValueTask<bool> ApplyAsync(Hop hop, DirectoryEntry? entry, Routing routing, CancellationToken ct)
    {
        if (!paths.IsOurs(hop.Address))
        {
            return ValueTask.FromResult(false);
        }

        if (hop.Via is not null || routing.Context.Sender is not null)
        {
            routing.Refuse(RefusalReason.RelayDenied, "Only reports are taken for this address.");
        }
        else if (paths.Reverse(hop.Address) is not { } sender)
        {
            routing.Refuse(RefusalReason.UnknownRecipient, "No such mailbox here.");
        }
        else
        {
            routing.Follow(new Hop(sender, null, Returned: true));
        }

        return ValueTask.FromResult(true);
    }
}
