using System.Text;
using Microsoft.Extensions.DependencyInjection;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using SaaS.Domain.Sieve.Scripts;
using SaaS.MailHost.Router;
using Xunit;

namespace SaaS.MailHost.Tests.Router;

/// <summary>What filters do at delivery: one commit, nothing lost, nothing said twice.</summary>
public sealed class FilterTests(RouterFixture mail) : IClassFixture<RouterFixture>
{
    private SieveScriptService Scripts => mail.Host.Services.GetRequiredService<SieveScriptService>();

    private async Task<(string Address, AccountId Id)> AccountAsync(string script, params (string Name, string Text)[] others)
    {
        var (address, id) = await mail.AccountAsync();
        foreach (var (name, text) in others)
        {
            Assert.Null((await Scripts.PutAsync(id, name, text, CancellationToken.None)).Refusal);
        }

        await ActivateAsync(id, script);
        return (address, id);
    }

    private async Task ActivateAsync(AccountId id, string script)
    {
        var put = await Scripts.PutAsync(id, "main", script, CancellationToken.None);
        Assert.Null(put.Refusal);
        Assert.Null(await Scripts.ActivateAsync(id, put.Value!.Id, CancellationToken.None));
    }

    private async Task<HandoverResult> SendAsync(string to, string? from = "them@remote.test", string headers = "", string subject = "Hello", string? also = null)
    {
        using var message = MessageBytes.From(Encoding.UTF8.GetBytes(
            $"From: them@remote.test\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{Guid.NewGuid():N}@remote.test>\r\n{headers}\r\nHello.\r\n"));
        List<HandoverRecipient> recipients = [new(MailAddress.Parse(to), await mail.RouteAsync(to))];
        if (also is not null)
        {
            recipients.Add(new HandoverRecipient(MailAddress.Parse(also), await mail.RouteAsync(also)));
        }

        return await mail.Handover.AcceptAsync(new HandoverRequest
        {
            Message = message,
            ReversePath = from is null ? null : MailAddress.Parse(from),
            Recipients = recipients,
            Prepend = "Received: from x by mx.test; Sun, 22 Nov 2026 10:00:00 +0000\r\n"u8.ToArray(),
        }, CancellationToken.None);
    }

    private Task<long> InAsync(AccountId account, string mailbox) => mail.Directory.ScalarAsync<long>(
        $"SELECT count(*) FROM message m JOIN mailbox b ON b.account_id = m.account_id AND b.id = m.mailbox_id WHERE m.account_id = {account} AND b.name = '{mailbox}'");

    private Task<long> QueuedAsync(string recipient) =>
        mail.Directory.ScalarAsync<long>($"SELECT count(*) FROM queue_recipient WHERE recipient = '{recipient}'");

    private async Task<(string ReversePath, string Text)> QueuedMessageAsync(string recipient)
    {
        var id = await mail.Directory.ScalarAsync<long>($"SELECT message_id FROM queue_recipient WHERE recipient = '{recipient}' ORDER BY id DESC LIMIT 1");
        await using var bytes = await mail.Queue.LoadAsync(id, CancellationToken.None);
        return (await mail.Directory.ScalarAsync<string>($"SELECT reverse_path FROM queue_message WHERE id = {id}"), Encoding.UTF8.GetString(bytes!.Memory!.Value.Span));
    }

    [Fact]
    public async Task Two_rules_that_both_forward_do_and_the_setting_bounds_them()
    {
        var (a, b) = ($"a{Guid.NewGuid():N}@remote.test", $"b{Guid.NewGuid():N}@remote.test");
        var (address, id) = await AccountAsync($"require \"copy\"; redirect :copy \"{a}\"; redirect \"{b}\";");
        await SendAsync(address);
        Assert.Equal((1, 1, 0), (await QueuedAsync(a), await QueuedAsync(b), await InAsync(id, "INBOX")));
        await mail.Directory.ExecuteAsync(
            $"INSERT INTO setting (level, owner_id, key, value, changed_at) VALUES (4, {id}, 'filters.redirects', '1', now())");
        await SendAsync(address);

        // The message, and the one that says why.
        Assert.Equal((1, 1, 2), (await QueuedAsync(a), await QueuedAsync(b), await InAsync(id, "INBOX")));
    }

    [Fact]
    public async Task Lists_of_the_owner_and_of_the_tenant_are_asked_and_forwarded_to()
    {
        var (to, unknown) = ($"c{Guid.NewGuid():N}@remote.test", $"d{Guid.NewGuid():N}@remote.test");
        var (address, id) = await AccountAsync("""
            require ["extlists", "fileinto", "mailbox", "envelope", "variables"];
            if address :list "from" ":addrbook:friends" { fileinto :create "Friends"; }
            elsif envelope :list "from" "urn:ietf:params:sieve:addrbook:colleagues" { fileinto :create "Work"; }
            elsif header :contains "subject" "forward" { redirect :list ":addrbook:friends"; }
            elsif header :contains "subject" "nowhere" { redirect :list ":addrbook:nowhere"; }
            elsif valid_ext_list [":addrbook:default", ":addrbook:friends"] { if not valid_ext_list "tag:other" { fileinto :create "Valid"; } }
            """);
        var preferences = mail.Host.Services.GetRequiredService<SaaS.Domain.Settings.PreferenceService>();
        Task<Refusal?> SetAsync(params string[] entries) => preferences.SetAsync(id, new Dictionary<string, System.Text.Json.JsonElement>
        {
            ["list.friends"] = System.Text.Json.JsonSerializer.SerializeToElement(entries),
        }, CancellationToken.None);
        Assert.Null(await SetAsync("@REMOTE.test"));
        await SendAsync(address);
        Assert.Equal(1, await InAsync(id, "Friends"));
        Assert.Null(await SetAsync(to));
        await SendAsync(address, from: address);
        await SendAsync(address, subject: "to valid");
        await SendAsync(address, subject: "to forward");
        Assert.Equal((1, 1, 1, 0), (await InAsync(id, "Work"), await InAsync(id, "Valid"), await QueuedAsync(to), await InAsync(id, "INBOX")));
        await SendAsync(address, subject: "nowhere");
        Assert.Equal((0, 2), (await QueuedAsync(unknown), await InAsync(id, "INBOX")));
        Assert.Equal(RefusalReason.LimitReached, (await preferences.SetAsync(
            id, Enumerable.Range(0, 20).ToDictionary(n => $"list.l{n}", _ => System.Text.Json.JsonSerializer.SerializeToElement(new[] { "a@b.example" })),
            CancellationToken.None))?.Reason);
        Assert.Equal("Invalid", (await preferences.SetAsync(
            id, new Dictionary<string, System.Text.Json.JsonElement> { ["list.A/b"] = System.Text.Json.JsonSerializer.SerializeToElement(new[] { "a@b.example" }) },
            CancellationToken.None))?.Reason.ToString());
    }

    [Fact]
    public async Task Annotations_of_mailboxes_and_of_the_account_are_asked()
    {
        var (address, id) = await AccountAsync("""
            require ["mboxmetadata", "servermetadata", "fileinto", "mailbox"];
            if allof (metadata :contains "INBOX" "/PRIVATE/comment" "blue", servermetadata "/shared/note" "x",
                metadataexists "INBOX" ["/private/comment"], not metadataexists "INBOX" ["/private/comment", "/private/none"],
                servermetadataexists "/shared/note", not metadata "Nowhere" "/private/comment" "*", not servermetadataexists "none")
            { fileinto :create "Blue"; }
            """);
        await SendAsync(address);
        Assert.Equal(1, await InAsync(id, "INBOX"));
        var annotations = mail.Host.Services.GetRequiredService<SaaS.Domain.Mailboxes.AnnotationStore>();
        var inbox = await mail.Directory.ScalarAsync<long>($"SELECT id FROM mailbox WHERE account_id = {id} AND name = 'INBOX'");
        Assert.Null(await annotations.SetAsync(id, new MailboxId(inbox), [("/private/comment", "sky blue"u8.ToArray())], CancellationToken.None));
        Assert.Null(await annotations.SetAsync(id, default, [("/shared/note", "x"u8.ToArray())], CancellationToken.None));
        await SendAsync(address);
        Assert.Equal(1, await InAsync(id, "Blue"));
    }

    [Fact]
    public async Task A_message_is_filed_with_its_flags_and_a_new_script_counts_from_the_next_message_on()
    {
        var (address, id) = await mail.AccountAsync();
        await SendAsync(address);
        Assert.Equal(1, await InAsync(id, "INBOX"));
        await ActivateAsync(id, "require [\"fileinto\", \"imap4flags\", \"mailbox\"]; if header :contains \"subject\" \"hello\" { fileinto :create :flags [\"\\\\Seen\", \"Work\"] \"A/B\"; }");
        await SendAsync(address);
        Assert.Equal(1, await InAsync(id, "A/B"));
        Assert.Equal("1 work", await mail.Directory.ScalarAsync<string>($"SELECT flags || ' ' || keywords[1] FROM message WHERE account_id = {id} AND keywords IS NOT NULL"));
        await ActivateAsync(id, "require \"fileinto\"; fileinto \"Archive\"; keep;");
        var result = await SendAsync(address);
        Assert.NotNull(result.Stored);
        Assert.Equal(1, await InAsync(id, "Archive"));
        Assert.Equal(2, await InAsync(id, "INBOX"));
        Assert.Null(await Scripts.ActivateAsync(id, null, CancellationToken.None));
        await SendAsync(address);
        Assert.Equal(3, await InAsync(id, "INBOX"));
    }

    [Fact]
    public async Task Several_recipients_have_each_their_own_filter()
    {
        var (a, ida) = await AccountAsync("require \"fileinto\"; fileinto \"Junk\";");
        var (b, idb) = await AccountAsync("discard;");
        var result = await SendAsync(a, also: b);
        Assert.NotNull(result.QueueId);
        await mail.RunAsync();
        Assert.Equal(1, await InAsync(ida, "Junk"));
        Assert.Equal(0, await mail.CountAsync(idb));
        Assert.Equal(0, await mail.Directory.ScalarAsync<long>($"SELECT count(*) FROM queue_message WHERE id = {result.QueueId}"));
    }

    [Fact]
    public async Task What_is_thrown_away_is_gone_and_accepted()
    {
        var (address, id) = await AccountAsync("discard;");
        var result = await SendAsync(address);
        Assert.True(result.Ok);
        Assert.Equal(0, await mail.Directory.ScalarAsync<long>($"SELECT count(*) FROM message WHERE account_id = {id}"));
    }

    [Fact]
    public async Task A_redirect_goes_to_the_queue_with_its_sender_and_never_twice_through_here()
    {
        var to = $"{mail.Name("far")}@elsewhere.test";
        var (address, id) = await AccountAsync($"require \"copy\"; redirect :copy \"{to}\";");
        await SendAsync(address);
        Assert.Equal(1, await InAsync(id, "INBOX"));
        var (reversePath, text) = await QueuedMessageAsync(to);
        Assert.Equal("them@remote.test", reversePath);
        Assert.StartsWith($"Delivered-To: {address}\r\nReceived: from x", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Return-Path", text, StringComparison.Ordinal);

        await SendAsync(address, headers: $"Delivered-To: {address}\r\n");
        Assert.Equal(1, await QueuedAsync(to));
        Assert.Equal(3, await InAsync(id, "INBOX")); // The message, and one that says why.
    }

    [Fact]
    public async Task A_refusal_is_said_while_the_sender_listens_and_reported_else()
    {
        var (address, id) = await AccountAsync("require \"reject\"; reject text:\nNo, thanks.\nReally.\n.\n;");
        var result = await SendAsync(address);
        Assert.Equal((RefusalReason.Forbidden, "No, thanks. Really."), (result.Refusal!.Reason, result.Refusal.Text));
        var (other, _) = await mail.AccountAsync();
        var sender = $"{mail.Name("sender")}@remote.test";
        await SendAsync(address, from: sender, also: other);
        await mail.RunAsync();
        Assert.Equal(0, await mail.CountAsync(id));
        var (reversePath, text) = await QueuedMessageAsync(sender);
        Assert.Equal("", reversePath);
        Assert.Contains("5.7.1 No, thanks. Really.", text, StringComparison.Ordinal);

        // Nobody could be told: it is kept.
        await SendAsync(address, from: null, also: other);
        await mail.RunAsync();
        Assert.Equal(1, await mail.CountAsync(id));

        Assert.Null(await Scripts.ActivateAsync(id, null, CancellationToken.None));
        Assert.True((await SendAsync(address)).Ok);
        Assert.Equal(2, await mail.CountAsync(id));
    }

    [Fact]
    public async Task A_response_goes_once_to_each_sender_until_its_time_is_over()
    {
        var (address, id) = await AccountAsync("require [\"vacation\", \"fcc\"]; vacation :days 3 :subject \"Gone\" :fcc \"Sent\" \"Back on Monday. Grüße\";");
        var sender = $"{mail.Name("friend")}@remote.test";
        await SendAsync(address, from: sender, headers: "References: <a@b>\r\n");
        await SendAsync(address, from: sender);
        Assert.Equal(1, await QueuedAsync(sender));
        Assert.Equal(1, await InAsync(id, "Sent"));
        Assert.Equal(2, await InAsync(id, "INBOX"));
        var (reversePath, text) = await QueuedMessageAsync(sender);
        Assert.Equal("", reversePath);
        Assert.Contains("Auto-Submitted: auto-replied (vacation)\r\n", text, StringComparison.Ordinal);
        Assert.Contains("Subject: Gone\r\n", text, StringComparison.Ordinal);
        Assert.Contains("In-Reply-To: <", text, StringComparison.Ordinal);
        Assert.Contains("Gr=C3=BC=C3=9Fe", text, StringComparison.Ordinal);
        await SendAsync(address, from: sender, headers: "List-Id: <l.example>\r\n");
        await SendAsync(address, from: null);
        Assert.Equal(1, await QueuedAsync(sender));
        mail.Clock.Advance(TimeSpan.FromDays(4));
        await SendAsync(address, from: sender);
        Assert.Equal(2, await QueuedAsync(sender));
    }

    [Fact]
    public async Task The_switched_on_response_joins_the_script()
    {
        var (address, id) = await AccountAsync("require \"fileinto\"; fileinto \"Archive\";");
        var now = mail.Clock.GetUtcNow();
        Assert.Null(await Scripts.SetVacationAsync(
            id, new VacationResponse { Enabled = true, FromDate = now.AddDays(1), ToDate = now.AddDays(3), TextBody = "Away", HtmlBody = "<b>Away</b>" }, CancellationToken.None));
        var sender = $"{mail.Name("friend")}@remote.test";
        await SendAsync(address, from: sender);
        Assert.Equal(0, await QueuedAsync(sender));
        mail.Clock.Advance(TimeSpan.FromDays(2));
        await SendAsync(address, from: sender, subject: "Lunch?");
        Assert.Equal(1, await QueuedAsync(sender));
        var (_, text) = await QueuedMessageAsync(sender);
        Assert.Contains("Subject: Auto: Lunch?\r\n", text, StringComparison.Ordinal);
        Assert.Contains("multipart/alternative", text, StringComparison.Ordinal);
        Assert.Equal(2, await InAsync(id, "Archive"));
        Assert.Null(await Scripts.SetVacationAsync(id, new VacationResponse(), CancellationToken.None));
        await SendAsync(address, from: $"{mail.Name("friend")}@remote.test");
        Assert.Equal(3, await InAsync(id, "Archive"));
    }

    [Fact]
    public async Task A_broken_filter_keeps_the_message_and_tells_its_owner_once_a_day()
    {
        var (address, id) = await AccountAsync("require \"fileinto\"; fileinto \"Nowhere\";");
        await SendAsync(address, subject: "First");
        await SendAsync(address, subject: "Second");
        Assert.Equal(3, await InAsync(id, "INBOX"));
        Assert.Equal(1, await mail.Directory.ScalarAsync<long>(
            $"SELECT count(*) FROM message_content WHERE account_id = {id} AND envelope->>'s' = 'Your mail filter could not be run' AND preview LIKE '%First%'"));
        mail.Clock.Advance(TimeSpan.FromDays(2));
        await SendAsync(address, subject: "Third");
        Assert.Equal(5, await InAsync(id, "INBOX"));
    }

    [Fact]
    public async Task Duplicates_are_remembered_and_forgotten_in_time()
    {
        var (address, id) = await AccountAsync("require [\"duplicate\", \"variables\"]; if duplicate :header \"X-Id\" :seconds 3600 { discard; }");
        await SendAsync(address, headers: "X-Id: 1\r\n");
        await SendAsync(address, headers: "X-Id: 1\r\n");
        await SendAsync(address, headers: "X-Id: 2\r\n");
        Assert.Equal(2, await InAsync(id, "INBOX"));
        mail.Clock.Advance(TimeSpan.FromHours(2));
        var memory = mail.Host.Services.GetRequiredService<SieveMemoryStore>();
        Assert.True(await memory.CollectAsync(CancellationToken.None) >= 2);
        Assert.Equal(0, await memory.CollectAsync(CancellationToken.None));
        await SendAsync(address, headers: "X-Id: 1\r\n");
        Assert.Equal(3, await InAsync(id, "INBOX"));
    }

    [Fact]
    public async Task A_changed_message_is_stored_as_it_was_changed()
    {
        var (address, id) = await AccountAsync(
            "require [\"editheader\", \"include\"]; include \"more\"; addheader \"X-Filter\" \"yes\";", ("more", "require \"editheader\"; deleteheader \"Subject\"; addheader \"Subject\" \"Changed\";"));
        var stored = (await SendAsync(address)).Stored!;
        await using var raw = await mail.Host.Services.GetRequiredService<MessageStore>().OpenRawAsync(id, stored.Content, CancellationToken.None);
        using var reader = new StreamReader(raw!);
        var text = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith($"X-Filter: yes\r\nSubject: Changed\r\nReturn-Path: <them@remote.test>\r\nDelivered-To: {address}\r\nReceived: from x", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Subject: Hello", text, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nHello.\r\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_notification_leaves()
    {
        var to = $"{mail.Name("pager")}@remote.test";
        var (address, _) = await AccountAsync($"require [\"enotify\", \"variables\"]; if header :matches \"subject\" \"*\" {{ notify :importance \"1\" :message \"Mail: ${{1}}\" \"mailto:{to}\"; }}");
        await SendAsync(address, subject: "Fire");
        var (reversePath, text) = await QueuedMessageAsync(to);
        Assert.Equal(address, reversePath);
        Assert.Contains("Subject: Mail: Fire\r\n", text, StringComparison.Ordinal);
        Assert.Contains("Auto-Submitted: auto-notified", text, StringComparison.Ordinal);
        Assert.Contains("Importance: high", text, StringComparison.Ordinal);
    }

    /// <summary>Killed between its commit and the queue's, a delivery is made again: nothing of it happens twice.</summary>
    [Fact]
    public async Task A_delivery_that_is_repeated_does_nothing_twice()
    {
        var to = $"{mail.Name("far")}@elsewhere.test";
        var (address, id) = await AccountAsync($"require [\"copy\", \"fileinto\"]; redirect :copy \"{to}\"; fileinto :copy \"Archive\";");
        var delivery = mail.Host.Services.GetRequiredService<LocalDelivery>();
        using var bytes = MessageBytes.From("From: a@b.test\r\nSubject: x\r\n\r\nHi\r\n"u8);
        for (var n = 0; n < 2; n++)
        {
            var done = await delivery.DeliverAsync(new LocalMessage
            {
                Account = id,
                Tenant = mail.Directory.Tenant,
                Recipient = MailAddress.Parse(address),
                ReversePath = null,
                Message = bytes,
                DeliveryKey = 987_654,
            }, CancellationToken.None);
            Assert.Null(done.Refusal);
            Assert.Equal(n == 1, done.Value!.Repeated);
        }

        Assert.Equal(1, await InAsync(id, "INBOX"));
        Assert.Equal(1, await InAsync(id, "Archive"));
        Assert.Equal(1, await QueuedAsync(to));
    }
}
