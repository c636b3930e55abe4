using SaaS.Domain.Common;

namespace SaaS.MailHost.Router.Steps;

/// <summary>A domain or tenant that is switched off.</summary>
internal sealed class SuspendedStep : IRouteStep
{
    public ValueTask<bool> ApplyAsync(Hop hop, DirectoryEntry? entry, Routing routing, CancellationToken ct)
    {
        if (entry is { Suspended: false })
        {
            return ValueTask.FromResult(false);
        }

        routing.Refuse(RefusalReason.Suspended, "The mailbox is not in use at present.");
        return ValueTask.FromResult(true);
    }
}
