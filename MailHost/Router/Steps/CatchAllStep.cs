namespace SaaS.MailHost.Router.Steps;

/// <summary>A local-part that nobody has, in a domain with a catch-all.</summary>
internal sealed class CatchAllStep : IRouteStep
{
    public ValueTask<bool> ApplyAsync(Hop hop, DirectoryEntry? entry, Routing routing, CancellationToken ct)
    {
        // An alias that is switched off is refused, not caught: somebody switched it off on purpose.
        if (entry is not { Kind: TargetKind.None, CatchAll: { Length: > 0 } target } || hop.Address.LocalKey == "postmaster")
        {
            return ValueTask.FromResult(false);
        }

        routing.Follow(target, entry.Tenant);
        return ValueTask.FromResult(true);
    }
}
