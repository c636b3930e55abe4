using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.Domain.Learning;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;
using SaaS.TestKit;
using Xunit;

namespace SaaS.Domain.Tests.Learning;

/// <summary>What of people's moves and marks is there to learn from.</summary>
public sealed class LearningTests : IAsyncLifetime
{
    private static readonly LearnSource Me = new(LearnChannel.Imap, 7);

    private TestStore _store = null!;
    private AccountId _account;
    private LearningQueue _queue = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = await TestStore.CreateAsync();
        _account = await _store.AddAccountAsync("me");
        _queue = new LearningQueue(_store.Source);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task Moves_into_junk_and_out_of_it_are_learnt_from_and_the_last_word_counts()
    {
        var (a, b) = (await _store.DeliverAsync(_account, "a"), await _store.DeliverAsync(_account, "b"));
        await MoveAsync(SpecialUse.Junk, a, b);
        Assert.Equal([(a.Content, LearnVerdict.Spam), (b.Content, LearnVerdict.Spam)], await TakeAsync());
        await MoveAsync(SpecialUse.Inbox, a);
        await MoveAsync(SpecialUse.Junk, a);
        await MoveAsync(SpecialUse.Archive, a);
        Assert.Equal([(a.Content, LearnVerdict.Ham)], await TakeAsync());

        // Junk that is thrown away says nothing, nor does what was never junk.
        await MoveAsync(SpecialUse.Trash, b);
        await MoveAsync(SpecialUse.Trash, a);
        Assert.Empty(await TakeAsync());
    }

    [Fact]
    public async Task A_copy_counts_as_a_move_and_what_the_system_moves_does_not()
    {
        var a = await _store.DeliverAsync(_account, "a");
        var junk = await BoxAsync(SpecialUse.Junk);
        Assert.True((await _store.Messages.CopyAsync(_account, new MessageSelection.ById([a.Id]), junk, Ct, Me)).Ok);
        Assert.Equal([(a.Content, LearnVerdict.Spam)], await TakeAsync());
        Assert.True((await _store.Messages.MoveAsync(_account, new MessageSelection.ById([a.Id]), junk, Ct)).Ok);
        Assert.Empty(await TakeAsync());

        // Both copies of one content at once.
        Assert.True((await _store.Messages.MoveAsync(_account, new MessageSelection.ByUid(junk, []), await BoxAsync(SpecialUse.Inbox), Ct, Me)).Ok);
        Assert.Equal([(a.Content, LearnVerdict.Ham)], await TakeAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Marks_are_learnt_from_once_and_not_junk_only_as_a_correction(bool withKeyword)
    {
        var a = await _store.DeliverAsync(_account, "a");
        await MarkAsync(a, MessageFlags.NotJunk, withKeyword);
        Assert.Empty(await TakeAsync());
        await MarkAsync(a, MessageFlags.Junk, withKeyword);
        await MarkAsync(a, MessageFlags.Junk, withKeyword);
        Assert.Equal([(a.Content, LearnVerdict.Spam)], await TakeAsync());
        await MarkAsync(a, MessageFlags.Junk, withKeyword);
        Assert.Empty(await TakeAsync());
        await _store.Messages.ChangeFlagsAsync(
            _account, new MessageSelection.ById([a.Id]), new FlagChange { Remove = MessageFlags.NotJunk }, Ct);
        await MarkAsync(a, MessageFlags.NotJunk, withKeyword);
        Assert.Equal([(a.Content, LearnVerdict.Ham)], await TakeAsync());
    }

    [Fact]
    public async Task Whoever_fails_to_learn_leaves_it_and_two_workers_get_different_ones()
    {
        var (a, b) = (await _store.DeliverAsync(_account, "a"), await _store.DeliverAsync(_account, "b"));
        await MoveAsync(SpecialUse.Junk, a);
        await MoveAsync(SpecialUse.Junk, b);
        await Assert.ThrowsAsync<InvalidOperationException>(() => _queue.TakeAsync(10, (_, _) => throw new InvalidOperationException(), Ct));
        var other = -1;
        await _queue.TakeAsync(1, async (mine, ct) =>
        {
            Assert.Equal(a.Content, Assert.Single(mine).ContentId);
            Assert.Equal((LearnChannel.Imap, 7), (mine[0].Channel, mine[0].UserId));
            other = await _queue.TakeAsync(10, (theirs, _) =>
            {
                Assert.Equal(b.Content, Assert.Single(theirs).ContentId);
                return Task.CompletedTask;
            }, ct);
        }, Ct);
        Assert.Equal(1, other);
        Assert.Empty(await TakeAsync());
    }

    private async Task<MailboxId> BoxAsync(SpecialUse use) => (await _store.Mailboxes.FindAsync(_account, use, Ct))!.Id;

    private async Task MoveAsync(SpecialUse to, params StoredMessage[] messages) => Assert.True(
        (await _store.Messages.MoveAsync(_account, new MessageSelection.ById([.. messages.Select(m => m.Id)]), await BoxAsync(to), Ct, Me)).Ok);

    private async Task MarkAsync(StoredMessage message, MessageFlags flag, bool withKeyword) => Assert.True((await _store.Messages.ChangeFlagsAsync(
        _account, new MessageSelection.ByUid(message.Mailbox, [message.Uid]),
        new FlagChange { Add = flag, AddKeywords = withKeyword ? ["work"] : [] }, Ct, learnFrom: Me)).Ok);

    private async Task<List<(ContentId, LearnVerdict)>> TakeAsync()
    {
        var taken = new List<(ContentId, LearnVerdict)>();
        await _queue.TakeAsync(100, (events, _) =>
        {
            taken.AddRange(events.Select(e => (e.ContentId, e.Verdict)).OrderBy(e => e.ContentId.Value));
            return Task.CompletedTask;
        }, Ct);
        return taken;
    }
}
