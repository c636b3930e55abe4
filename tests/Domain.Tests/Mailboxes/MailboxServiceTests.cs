using SaaS.Domain.Common;
using SaaS.Domain.Mailboxes;
using SaaS.TestKit;
using Xunit;

namespace SaaS.Domain.Tests.Mailboxes;

public sealed class MailboxServiceTests : IAsyncLifetime
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

    [Fact]
    public async Task Create_makes_missing_parents_and_refuses_a_second_of_the_name()
    {
        var made = await _store.Mailboxes.CreateAsync(_account, "Work/2026/Reports", SpecialUse.None, true, Ct);
        Assert.Equal("Work/2026/Reports", made.Value!.Name);
        Assert.NotNull(await _store.Mailboxes.FindAsync(_account, "Work/2026", Ct));
        Assert.Equal(RefusalReason.AlreadyExists, (await _store.Mailboxes.CreateAsync(_account, "Work/2026", SpecialUse.None, true, Ct)).Refusal!.Reason);
        Assert.Equal(RefusalReason.Invalid, (await _store.Mailboxes.CreateAsync(_account, "Bin", SpecialUse.Trash, true, Ct)).Refusal!.Reason);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a//b")]
    [InlineData("/a")]
    [InlineData("a\r\nb")]
    [InlineData("a*")]
    [InlineData(" a")]
    [InlineData("../a")]
    public async Task Bad_names_are_refused(string name) =>
        Assert.Equal(RefusalReason.Invalid, (await _store.Mailboxes.CreateAsync(_account, name, SpecialUse.None, true, Ct)).Refusal!.Reason);

    [Fact]
    public async Task Rename_takes_what_is_below_along_and_a_recreated_name_has_another_uidvalidity()
    {
        var work = (await _store.Mailboxes.CreateAsync(_account, "Work/Sub", SpecialUse.None, true, Ct)).Value!;
        var parent = (await _store.Mailboxes.FindAsync(_account, "Work", Ct))!;
        await _store.Mailboxes.RenameAsync(_account, parent.Id, "Old/Work", Ct);
        Assert.Equal(work.Id, (await _store.Mailboxes.FindAsync(_account, "Old/Work/Sub", Ct))!.Id);
        Assert.Null(await _store.Mailboxes.FindAsync(_account, "Work", Ct));

        var again = (await _store.Mailboxes.CreateAsync(_account, "Work", SpecialUse.None, true, Ct)).Value!;
        Assert.NotEqual(parent.UidValidity, again.UidValidity);
        Assert.Equal(RefusalReason.HasChildren, (await _store.Mailboxes.DeleteAsync(_account, parent.Id, false, Ct))!.Reason);
    }

    [Fact]
    public async Task Renaming_the_inbox_moves_its_messages()
    {
        var stored = await _store.DeliverAsync(_account, "a");
        var made = await _store.Mailboxes.RenameAsync(_account, stored.Mailbox, "Before", Ct);
        Assert.Equal((1, "Before"), (made.Value!.Total, made.Value.Name));
        Assert.Equal(0, (await _store.Mailboxes.FindAsync(_account, "inbox", Ct))!.Total);
    }

    [Fact]
    public async Task Delete_gives_the_quota_back_and_is_told_by_changes()
    {
        var box = (await _store.Mailboxes.CreateAsync(_account, "Temp", SpecialUse.None, true, Ct)).Value!;
        var stored = await _store.DeliverAsync(_account, "a");
        await _store.Messages.MoveAsync(_account, new Domain.Messages.MessageSelection.ById([stored.Id]), box.Id, Ct);
        var since = await _store.Messages.ModSeqAsync(_account, Ct);
        Assert.Equal(RefusalReason.Conflict, (await _store.Mailboxes.DeleteAsync(_account, box.Id, onlyIfEmpty: true, Ct))!.Reason);
        Assert.Null(await _store.Mailboxes.DeleteAsync(_account, box.Id, onlyIfEmpty: false, Ct));
        Assert.Equal(0, await _store.ScalarAsync<long>($"SELECT used_bytes FROM account_state WHERE account_id = {_account.Value}"));
        Assert.Equal([box.Id], (await _store.Mailboxes.ChangesAsync(_account, since, Ct)).Destroyed);
        Assert.Equal([stored.Id], (await _store.Messages.EmailChangesAsync(_account, since, 10, Ct))!.Destroyed);
    }
}
