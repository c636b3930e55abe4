using SaaS.Domain.Messages;

namespace SaaS.MailHost.Jobs;

/// <summary>Frees the bytes of expunged messages. Safe to run twice and on several nodes: each account's lock decides.</summary>
internal sealed class CollectContentsJob(StoreCollector collector, ILogger<CollectContentsJob> log)
{
    public async Task RunAsync(CancellationToken ct)
    {
        var contents = await collector.CollectContentsAsync(ct);
        var tombstones = await collector.CollectTombstonesAsync(ct);
        log.Collected("contents", contents);
        log.Collected("tombstones", tombstones);
    }
}
