using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.MailHost.Router.Steps;

namespace SaaS.MailHost.Router;

/// <summary>
/// Resolves a recipient level by level: each level is one look-up of all its addresses, then the first step below that knows what to do
/// with an address adds routes, or addresses for the next level.
/// </summary>
internal sealed class MessageRouter : IMessageRouter
{
    private const int MaxDepth = 10;

    private readonly AddressDirectory _directory;
    private readonly IRouteStep[] _steps;

    public MessageRouter(AddressDirectory directory, RouterOptions options)
    {
        _directory = directory;
        _steps =
        [
            new RemoteStep(directory, options),
            new SuspendedStep(),
            new LegacyStep(),
            new MailboxStep(),
            new AliasStep(),
            new GroupStep(directory),
            new CatchAllStep(),
            new PostmasterStep(directory),
        ];
    }

    public async ValueTask<RouteDecision> ResolveAsync(MailAddress recipient, RouteContext context, CancellationToken ct)
    {
        var routing = new Routing(context);
        routing.Follow(new Hop(recipient, null));
        for (var depth = 0; routing.Next.Count > 0; depth++)
        {
            if (depth > MaxDepth)
            {
                return new Refusal(RefusalReason.LoopDetected, "The address leads through too many others.");
            }

            var level = routing.TakeLevel();
            var entries = await _directory.FindAsync([.. level.Select(h => h.Address)], ct);
            for (var i = 0; i < level.Count; i++)
            {
                await ApplyAsync(level[i], entries[i], routing, ct);
            }
        }

        if (routing.TooMany)
        {
            return new Refusal(RefusalReason.LimitReached, "The address stands for too many others.");
        }

        return routing.Routes.Count > 0
            ? new RouteDecision(routing.Routes, null)
            : routing.Refusal ?? new Refusal(RefusalReason.LoopDetected, "The address leads back to itself.");
    }

    private async ValueTask ApplyAsync(Hop hop, DirectoryEntry? entry, Routing routing, CancellationToken ct)
    {
        foreach (var step in _steps)
        {
            if (await step.ApplyAsync(hop, entry, routing, ct))
            {
                return;
            }
        }

        routing.Refuse(RefusalReason.UnknownRecipient, "No such mailbox here.");
    }
}
