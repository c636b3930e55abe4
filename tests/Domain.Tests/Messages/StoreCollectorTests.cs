using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using SaaS.TestKit;
using Xunit;

namespace SaaS.Domain.Tests.Messages;

public sealed class StoreCollectorTests : IAsyncLifetime
{
    private TestStore _store = null!;
    private AccountId _account;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = await TestStore.CreateAsync();
        _account = await _store.AddAccountAsync("alice");
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    private StoreCollector Collector(TimeSpan ahead = default) => new(_store.Source, _store.Blobs, new Ahead(ahead));

    [Fact]
    public async Task Contents_go_when_the_last_copy_is_gone_and_not_before()
    {
        var a = await _store.DeliverAsync(_account, "a");
        var archive = (await _store.Mailboxes.FindAsync(_account, "Archive", Ct))!;
        var copy = (await _store.Messages.CopyAsync(_account, new MessageSelection.ById([a.Id]), archive.Id, Ct)).Value!.Messages[0];
        await _store.Messages.ExpungeAsync(_account, new MessageSelection.ById([a.Id]), onlyDeleted: false, Ct);
        Assert.Equal(0, await Collector().CollectContentsAsync(Ct));
        Assert.NotNull(await _store.Messages.OpenRawAsync(_account, a.Content, Ct));

        await _store.Messages.ExpungeAsync(_account, new MessageSelection.ById([copy.Id]), onlyDeleted: false, Ct);
        Assert.Equal(1, await Collector().CollectContentsAsync(Ct));
        Assert.Equal(0, await Collector().CollectContentsAsync(Ct));
        Assert.Null(await _store.Messages.OpenRawAsync(_account, a.Content, Ct));
    }

    [Fact]
    public async Task After_the_tombstones_are_gone_changes_cannot_be_told()
    {
        var a = await _store.DeliverAsync(_account, "a");
        await _store.Messages.ExpungeAsync(_account, new MessageSelection.ById([a.Id]), onlyDeleted: false, Ct);
        await Collector().CollectContentsAsync(Ct);
        Assert.Equal(1, await Collector(TimeSpan.FromDays(31)).CollectTombstonesAsync(Ct));
        Assert.Null(await _store.Messages.EmailChangesAsync(_account, a.ModSeq, 10, Ct));
        Assert.NotNull(await _store.Messages.EmailChangesAsync(_account, await _store.Messages.ModSeqAsync(_account, Ct), 10, Ct));
    }

    [Fact]
    public async Task A_blob_is_condemned_first_deleted_a_day_later_and_pardoned_when_stored_again()
    {
        using var bytes = MessageBytes.From(new byte[500_000]);
        var hash = await _store.Blobs.PutAsync(_store.Tenant, bytes, Ct);
        await _store.ExecuteAsync("UPDATE blob SET condemned_at = now()");
        await _store.Blobs.PutAsync(_store.Tenant, bytes, Ct);
        Assert.NotNull(await _store.Blobs.OpenAsync(_store.Tenant, hash, Ct));
        await _store.ExecuteAsync("UPDATE blob SET condemned_at = now() - interval '25 hours'");
        Assert.Equal(1, await Collector().CollectBlobsAsync(Ct));
        Assert.Null(await _store.Blobs.OpenAsync(_store.Tenant, hash, Ct));
    }

    private sealed class Ahead(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
