namespace SaaS.MailHost.Router.Steps;

/// <summary>An alias: every target, here or elsewhere. One that is switched off does not exist.</summary>
internal sealed class AliasStep : IRouteStep
{
    public ValueTask<bool> ApplyAsync(Hop hop, DirectoryEntry? entry, Routing routing, CancellationToken ct)
    {
        if (entry is not { Kind: TargetKind.Alias, AliasEnabled: true })
        {
            return ValueTask.FromResult(false);
        }

        foreach (var target in entry.AliasTargets)
        {
            routing.Follow(target, entry.Tenant);
        }

        return ValueTask.FromResult(true);
    }
}
