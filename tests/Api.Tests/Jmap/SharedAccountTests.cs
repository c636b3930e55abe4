using System.Net;
using System.Text.Json.Nodes;
using SaaS.Client.Jmap;
using SaaS.Domain.Common;
using Xunit;
using MailboxRights = SaaS.Domain.Sharing.MailboxRights;

namespace SaaS.Api.Tests.Jmap;

/// <summary>A shared mailbox as another account of its members.</summary>
public class SharedAccountTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Members_have_it_as_an_account_with_their_rights_and_nobody_else_has()
    {
        await using var host = await JmapHost.StartAsync();
        var (writer, reader, stranger, team) = await TeamAsync(host);
        await host.Store.DeliverAsync(team, "For the team");
        var own = await host.Client(writer).GetSessionAsync(ct: Ct);
        var shared = own.Accounts[$"A{team}"];
        Assert.Equal(("team@example.test", false, false), (shared.Name, shared.IsPersonal, shared.IsReadOnly));
        Assert.Equal($"A{writer}", own.MailAccountId);
        Assert.True((await host.Client(reader).GetSessionAsync(ct: Ct)).Accounts[$"A{team}"].IsReadOnly);
        Assert.DoesNotContain($"A{team}", (await host.Client(stranger).GetSessionAsync(ct: Ct)).Accounts.Keys);

        // Email and mailboxes of it, with the rights of each.
        var asWriter = new JmapClient(host.Http(writer)) { AccountId = $"A{team}" };
        var inbox = (await asWriter.GetAsync<Mailbox>(JmapIds.All, ct: Ct)).List.Single(b => b.Role == "inbox");
        Assert.Equal((1, true, true), (inbox.TotalEmails, inbox.MyRights!.MayAddItems, inbox.MyRights.MaySetSeen));
        var asReader = new JmapClient(host.Http(reader)) { AccountId = $"A{team}" };
        var seen = (await asReader.GetAsync<Mailbox>(JmapIds.All, ct: Ct)).List.Single(b => b.Role == "inbox");
        Assert.Equal((true, false, false, false), (seen.MyRights!.MayReadItems, seen.MyRights.MayAddItems, seen.MyRights.MayRemoveItems, seen.MyRights.MayCreateChild));

        foreach (var (who, method, error) in new (AccountId, string, string?)[]
        {
            (writer, "Email/query", null), (reader, "Email/query", null), (reader, "Email/set", "accountReadOnly"), (reader, "Email/import", "accountReadOnly"),
            (reader, "Mailbox/set", "accountReadOnly"), (reader, "Identity/get", "accountNotSupportedByMethod"),
            (writer, "SieveScript/get", "accountNotSupportedByMethod"), (writer, "VacationResponse/get", "accountNotSupportedByMethod"),
            (stranger, "Email/query", "accountNotFound"), (stranger, "Mailbox/get", "accountNotFound"),
        })
        {
            var (name, answer) = await host.CallAsync(who, method, new JsonObject { ["accountId"] = $"A{team}" });
            Assert.Equal(error, name == "error" ? answer["type"]!.GetValue<string>() : null);
        }

        // Blobs
        Assert.Equal(HttpStatusCode.NotFound, (await host.Http(stranger).PostAsync($"/jmap/upload/A{team}/", new StringContent("x"), Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await host.Http(reader).PostAsync($"/jmap/upload/A{team}/", new StringContent("x"), Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await host.Http(writer).PostAsync($"/jmap/upload/A{team}/", new StringContent("x"), Ct)).StatusCode);
    }

    [Fact]
    public async Task A_right_that_is_taken_away_is_gone_at_once()
    {
        await using var host = await JmapHost.StartAsync();
        var (writer, _, _, team) = await TeamAsync(host);
        Assert.Equal("Mailbox/get", (await host.CallAsync(writer, "Mailbox/get", new JsonObject { ["accountId"] = $"A{team}" })).Name);
        await host.RevokeAsync(team, writer);
        Assert.Equal("error", (await host.CallAsync(writer, "Mailbox/get", new JsonObject { ["accountId"] = $"A{team}" })).Name);
    }

    [Fact]
    public async Task An_email_is_copied_between_accounts_and_goes_from_where_it_was()
    {
        await using var host = await JmapHost.StartAsync();
        var (writer, reader, _, team) = await TeamAsync(host);
        var mail = await host.Store.DeliverAsync(writer, "A case");
        JsonObject Copy(AccountId from, AccountId to, long email, bool destroy) => new()
        {
            ["fromAccountId"] = $"A{from}",
            ["accountId"] = $"A{to}",
            ["create"] = new JsonObject { ["k"] = new JsonObject { ["id"] = $"M{email}", ["mailboxIds"] = new JsonObject { ["B1"] = true } } },
            ["onSuccessDestroyOriginal"] = destroy,
        };
        var (name, answer) = await host.CallAsync(writer, "Email/copy", Copy(writer, team, mail.Id.Value, destroy: true));
        Assert.Equal("Email/copy", name);
        var copy = long.Parse(answer["created"]!["k"]!["id"]!.GetValue<string>()[1..], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Empty((await host.CallAsync(writer, "Email/query", new JsonObject { ["accountId"] = $"A{writer}" })).Arguments["ids"]!.AsArray());
        Assert.Single((await host.CallAsync(writer, "Email/query", new JsonObject { ["accountId"] = $"A{team}" })).Arguments["ids"]!.AsArray());

        // A reader takes copies, and cannot take it away.
        Assert.Equal("accountReadOnly", (await host.CallAsync(reader, "Email/copy", Copy(team, reader, copy, destroy: true))).Arguments["type"]!.GetValue<string>());
        Assert.NotNull((await host.CallAsync(reader, "Email/copy", Copy(team, reader, copy, destroy: false))).Arguments["created"]);
        Assert.Equal("accountReadOnly", (await host.CallAsync(reader, "Email/copy", Copy(reader, team, copy, destroy: false))).Arguments["type"]!.GetValue<string>());
    }

    [Fact]
    public async Task Its_addresses_are_among_the_identities_of_who_may_send_for_it()
    {
        await using var host = await JmapHost.StartAsync();
        var (writer, reader, _, team) = await TeamAsync(host);
        var mine = (await host.Client(writer).GetAsync<Client.Jmap.Identity>(JmapIds.All, ct: Ct)).List.Select(i => i.Email).ToList();
        Assert.Equal(["writer@example.test", "team@example.test"], mine);
        Assert.Single((await host.Client(reader).GetAsync<Client.Jmap.Identity>(JmapIds.All, ct: Ct)).List);
        var theirs = (await new JmapClient(host.Http(writer)) { AccountId = $"A{team}" }.GetAsync<Client.Jmap.Identity>(JmapIds.All, ct: Ct)).List;
        Assert.Equal("team@example.test", Assert.Single(theirs).Email);

        // Sent out of the shared account by somebody who may only do so on its behalf: the row says who.
        var (_, made) = await host.CallAsync(writer, "Email/set", new JsonObject
        {
            ["accountId"] = $"A{team}",
            ["create"] = new JsonObject
            {
                ["d"] = new JsonObject
                {
                    ["mailboxIds"] = new JsonObject { ["B2"] = true },
                    ["from"] = new JsonArray(new JsonObject { ["email"] = "team@example.test" }),
                    ["to"] = new JsonArray(new JsonObject { ["email"] = "x@elsewhere.test" }),
                    ["subject"] = "S",
                },
            },
        });
        var draft = made["created"]!["d"]!["id"]!.GetValue<string>();
        var (name, answer) = await host.CallAsync(writer, "EmailSubmission/set", new JsonObject
        {
            ["accountId"] = $"A{team}",
            ["create"] = new JsonObject { ["s"] = new JsonObject { ["identityId"] = theirs[0].Id, ["emailId"] = draft } },
        });
        Assert.Equal("EmailSubmission/set", name);
        Assert.NotNull(answer["created"]);
        Assert.Equal("writer@example.test", await host.Store.ScalarAsync<string>($"SELECT sender FROM email_submission WHERE account_id = {team}"));
    }

    [Fact]
    public async Task Pushes_of_it_come_with_the_own_ones_until_the_right_is_gone()
    {
        await using var host = await JmapHost.StartAsync();
        var (writer, _, _, team) = await TeamAsync(host);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        stop.CancelAfter(TimeSpan.FromSeconds(30));
        await using var pushes = host.Client(writer).ListenAsync(["Email"], stop.Token).GetAsyncEnumerator(stop.Token);
        Assert.True(await pushes.MoveNextAsync());
        Assert.Equal([$"A{writer}", $"A{team}"], pushes.Current.Changed.Keys.Order());
        await host.DeliverAsync(team, "For the team");
        Assert.True(await pushes.MoveNextAsync());
        Assert.Equal([$"A{team}"], pushes.Current.Changed.Keys);
        await host.RevokeAsync(team, writer);
        await host.DeliverAsync(team, "Not for them any more");
        await host.DeliverAsync(writer, "But this is");
        Assert.True(await pushes.MoveNextAsync());
        Assert.Equal([$"A{writer}"], pushes.Current.Changed.Keys);
    }

    private static async Task<(AccountId Writer, AccountId Reader, AccountId Stranger, AccountId Team)> TeamAsync(JmapHost host)
    {
        var writer = await host.Store.AddAccountAsync("writer");
        var reader = await host.Store.AddAccountAsync("reader");
        var stranger = await host.Store.AddAccountAsync("stranger");
        var team = await host.Store.AddAccountAsync("team", kind: 1);
        await host.GrantAsync(team, writer, MailboxRights.Writer | MailboxRights.SendOnBehalf);
        await host.GrantAsync(team, reader, MailboxRights.Reader);
        return (writer, reader, stranger, team);
    }
}
