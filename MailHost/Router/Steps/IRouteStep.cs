namespace SaaS.MailHost.Router.Steps;

/// <summary>One kind of target. The first step that returns true has dealt with the address.</summary>
internal interface IRouteStep
{
    /// <param name="hop">The address.</param>
    /// <param name="entry">What the directory has for it; null: its domain is not ours.</param>
    /// <param name="routing">Takes routes and further addresses.</param>
    /// <param name="ct">Ends the look-up.</param>
    ValueTask<bool> ApplyAsync(Hop hop, DirectoryEntry? entry, Routing routing, CancellationToken ct);
}
