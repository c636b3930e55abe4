using SaaS.Domain.Messages;

namespace SaaS.MailHost.Jobs;

/// <summary>Two-phase collection of blobs, after the uploads that nobody used are forgotten.</summary>
internal sealed class CollectBlobsJob(StoreCollector collector, ILogger<CollectBlobsJob> log)
{
    public async Task RunAsync(CancellationToken ct)
    {
        log.Collected("uploads", await collector.CollectUploadsAsync(ct));
        log.Collected("blobs", await collector.CollectBlobsAsync(ct));
    }
}
