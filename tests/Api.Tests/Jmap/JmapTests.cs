using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using SaaS.Client.Jmap;
using SaaS.Domain.Messages;
using Xunit;

namespace SaaS.Api.Tests.Jmap;

public class JmapTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_list_is_one_request_with_references()
    {
        await using var host = await JmapHost.StartAsync();
        var account = await host.Store.AddAccountAsync("anna");
        await host.Store.DeliverAsync(account, "First");
        var second = await host.Store.DeliverAsync(account, "Grüße", "Hällo wörld", MessageFlags.Flagged, "Content-Type: text/plain; charset=utf-8");
        var client = host.Client(account);

        var batch = await client.NewBatchAsync(Ct);
        var boxes = batch.Get<Mailbox>(JmapIds.All);
        var query = batch.Query<Email>(new EmailCondition { InMailbox = "B1" }, page: new QueryPage(0, 10, CalculateTotal: true));
        var emails = batch.GetEmails(query.Ids(), Email.ReadProperties, EmailBodyOptions.ForReading);
        var threads = batch.Get<EmailThread>(emails.Ref("/list/*/threadId"));
        await batch.SendAsync(Ct);

        var inbox = boxes.Result.List.Single(b => b.Role == "inbox");
        Assert.Equal((2, 2, 2), (inbox.TotalEmails, inbox.UnreadEmails, inbox.TotalThreads));
        Assert.Equal(2, query.Result.Total);
        var newest = emails.Result.List[0];
        Assert.Equal($"M{second.Id}", newest.Id);
        Assert.True(newest.IsFlagged);
        Assert.Equal("sender@example.org", newest.From![0].Email);
        Assert.Equal("Hällo wörld\n", newest.BodyValues![newest.TextBody![0].PartId!].Value);
        Assert.Equal(2, threads.Result.List.Count);
    }

    [Fact]
    public async Task A_draft_with_an_attachment_is_made_sent_held_and_taken_back()
    {
        await using var host = await JmapHost.StartAsync();
        var account = await host.Store.AddAccountAsync("anna");
        var client = host.Client(account);
        var heard = new List<long>();
        var upload = await client.UploadAsync(new MemoryStream(Encoding.UTF8.GetBytes("a,b\r\n")), "text/csv", progress: new Told(heard), ct: Ct);
        Assert.Equal(5, upload.Size);
        var identity = (await client.GetAsync<SaaS.Client.Jmap.Identity>(JmapIds.All, ct: Ct)).List.Single();
        Assert.Equal("anna@example.test", identity.Email);

        var batch = await client.NewBatchAsync(Ct);
        var draft = new Email
        {
            MailboxIds = new Dictionary<string, bool> { ["B2"] = true },
            Keywords = new Dictionary<string, bool> { [Keyword.Draft] = true, [Keyword.Seen] = true },
            From = [new EmailAddress("Änna", "anna@example.test")],
            To = [new EmailAddress(null, "bob@example.net")],
            Subject = "Grüße",
            BodyValues = new Dictionary<string, EmailBodyValue> { ["t"] = new() { Value = "text" }, ["h"] = new() { Value = "<p>html ü</p>" } },
            TextBody = [new EmailBodyPart { PartId = "t", Type = "text/plain" }],
            HtmlBody = [new EmailBodyPart { PartId = "h", Type = "text/html" }],
            Attachments = [new EmailBodyPart { BlobId = upload.BlobId, Type = "text/csv", Name = "ä.csv", Disposition = "attachment" }],
        };
        var made = batch.Set(create: new Dictionary<string, Email> { ["d"] = draft });
        var sent = batch.Submit(
            create: new Dictionary<string, EmailSubmission>
            {
                ["s"] = new() { EmailId = "#d", IdentityId = identity.Id, Envelope = Envelope.Held("anna@example.test", ["bob@example.net"], TimeSpan.FromMinutes(5)) },
            },
            onSuccessUpdateEmail: new Dictionary<string, PatchObject> { ["#s"] = new PatchObject().MoveTo("B3").Keyword(Keyword.Draft, false) });
        var response = await batch.SendAsync(Ct);
        Assert.Null(made.Result.FirstError);
        Assert.Null(sent.Result.FirstError);
        Assert.Contains(response.MethodResponses, r => r.Name == "Email/set" && r.CallId == "c1");

        var email = (await client.GetEmailsAsync(made.Result.Created!["d"].Id!, Email.ReadProperties, EmailBodyOptions.ForReading, Ct)).List.Single();
        Assert.Equal("B3", email.MailboxId);
        Assert.False(email.IsDraft);
        Assert.Equal("Grüße", email.Subject);
        Assert.Equal("<p>html ü</p>", email.BodyValues![email.HtmlBody![0].PartId!].Value.Trim());
        var attachment = Assert.Single(email.Attachments!);
        Assert.Equal("ä.csv", attachment.Name);
        await using var blob = await client.DownloadAsync(attachment.BlobId!, "x.csv", "text/csv", Ct);
        Assert.Equal("a,b", (await new StreamReader(blob.Content).ReadToEndAsync(Ct)).Trim());

        var id = sent.Result.Created!["s"].Id!;
        Assert.Equal("pending", sent.Result.Created["s"].UndoStatus);
        Assert.True(sent.Result.Created["s"].SendAt > TimeProvider.System.GetUtcNow().AddMinutes(4));
        var undone = await client.SetAsync<EmailSubmission>(update: new Dictionary<string, PatchObject> { [id] = new PatchObject().Set("undoStatus", "canceled") }, ct: Ct);
        Assert.Null(undone.FirstError);
        Assert.Equal("canceled", (await client.GetAsync<EmailSubmission>(id, ct: Ct)).List.Single().UndoStatus);
        var again = await client.SetAsync<EmailSubmission>(update: new Dictionary<string, PatchObject> { [id] = new PatchObject().Set("undoStatus", "canceled") }, ct: Ct);
        Assert.Equal("cannotUnsend", again.FirstError!.Type);
    }

    [Fact]
    public async Task Sending_as_somebody_else_is_refused()
    {
        await using var host = await JmapHost.StartAsync();
        var account = await host.Store.AddAccountAsync("anna");
        var forged = await host.Store.DeliverAsync(account, "not mine");
        var client = host.Client(account);
        var identity = (await client.GetAsync<SaaS.Client.Jmap.Identity>(JmapIds.All, ct: Ct)).List.Single();
        var set = await client.SetAsync(create: new Dictionary<string, EmailSubmission> { ["s"] = new() { EmailId = $"M{forged.Id}", IdentityId = identity.Id } }, ct: Ct);
        Assert.Equal("forbiddenFrom", set.FirstError!.Type);
    }

    [Fact]
    public async Task Flags_move_and_destroy_are_seen_in_changes_and_by_the_listener()
    {
        await using var host = await JmapHost.StartAsync();
        var account = await host.Store.AddAccountAsync("anna");
        var one = await host.Store.DeliverAsync(account, "One");
        var two = await host.Store.DeliverAsync(account, "Two");
        var client = host.Client(account);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        await using var events = client.ListenAsync(["Email"], stop.Token).GetAsyncEnumerator(stop.Token);
        Assert.True(await events.MoveNextAsync());
        var state = events.Current.Changed.Values.Single()["Email"];

        var set = await client.SetAsync<Email>(
            update: new Dictionary<string, PatchObject> { [$"M{one.Id}"] = new PatchObject().Keyword(Keyword.Seen, true).Keyword("Custom", true).MoveTo("B6") },
            destroy: $"M{two.Id}", ct: Ct);
        Assert.Null(set.FirstError);
        Assert.True(await events.MoveNextAsync());
        await stop.CancelAsync();

        var changes = await client.ChangesAsync<Email>(state, ct: Ct);
        Assert.Equal([$"M{one.Id}"], changes.Updated);
        Assert.Equal([$"M{two.Id}"], changes.Destroyed);
        var email = (await client.GetAsync<Email>($"M{one.Id}", ["keywords", "mailboxIds"], Ct)).List.Single();
        Assert.Equal(["$seen", "custom"], email.Keywords!.Keys);
        Assert.Equal("B6", email.MailboxId);
    }

    [Fact]
    public async Task Search_marks_what_it_found()
    {
        await using var host = await JmapHost.StartAsync();
        var account = await host.Store.AddAccountAsync("anna");
        await host.Store.DeliverAsync(account, "Lunch", "Shall we eat <b>noodles</b>?");
        var batch = await host.Client(account).NewBatchAsync(Ct);
        var filter = new EmailCondition { Text = "noodl" };
        var found = batch.Query<Email>(filter);
        var snippets = batch.Snippets(filter, found.Ids());
        await batch.SendAsync(Ct);
        Assert.Contains("&lt;b&gt;<mark>noodles</mark>&lt;/b&gt;", snippets.Result.List.Single().Preview, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_method_refuses_anothers_account_and_anothers_ids()
    {
        await using var host = await JmapHost.StartAsync();
        var mine = await host.Store.AddAccountAsync("mine");
        var theirs = await host.Store.AddAccountAsync("theirs");
        var secret = await host.Store.DeliverAsync(theirs, "Secret");
        foreach (var type in SaaS.Api.Jmap.MethodTable.Types)
        {
            var method = NameOf(type);
            if (method == "Core/echo")
            {
                continue;
            }

            foreach (var id in new[] { $"A{theirs}", "A999999", "x" })
            {
                var (name, arguments) = await host.CallAsync(mine, method, new JsonObject { ["accountId"] = id });
                Assert.Equal(("error", "accountNotFound"), (name, arguments["type"]!.ToString()));
            }
        }

        var http = host.Http(mine);
        foreach (var url in new[] { $"/jmap/download/A{theirs}/C{secret.Content}/x", $"/jmap/download/A{mine}/C{secret.Content}/x", $"/jmap/download/A999999/C{secret.Content}/x" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(url, Ct)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.NotFound, (await http.PostAsync($"/jmap/upload/A{theirs}/", new StringContent("x"), Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.Anonymous().GetAsync("/jmap/eventsource", Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.Anonymous().GetAsync("/jmap/session", Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await host.Http(mine, "mail.send").GetAsync("/jmap/eventsource", Ct)).StatusCode);
        var got = await host.Client(mine).GetAsync<Email>($"M{secret.Id}", ct: Ct);
        Assert.Equal([$"M{secret.Id}"], got.NotFound);
        var (_, forbidden) = await host.CallAsync(mine, "EmailSubmission/get", new JsonObject { ["accountId"] = $"A{mine}" }, "mail.read");
        Assert.Equal("forbidden", forbidden["type"]!.ToString());
    }

    [Fact]
    public async Task Requests_that_are_none_are_told_so()
    {
        await using var host = await JmapHost.StartAsync();
        var account = await host.Store.AddAccountAsync("anna");
        var http = host.Http(account);
        async Task<string> Post(string body)
        {
            using var response = await http.PostAsync("/jmap/api", new StringContent(body, Encoding.UTF8, "application/json"), Ct);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            return JsonNode.Parse(await response.Content.ReadAsStringAsync(Ct))!["type"]!.ToString();
        }

        Assert.Equal("urn:ietf:params:jmap:error:notJSON", await Post("{"));
        Assert.Equal("urn:ietf:params:jmap:error:notRequest", await Post("""{"using":[]}"""));
        Assert.Equal("urn:ietf:params:jmap:error:unknownCapability", await Post("""{"using":["x"],"methodCalls":[]}"""));
        var many = string.Join(',', Enumerable.Range(0, 17).Select(i => "[\"Core/echo\",{},\"" + i + "\"]"));
        Assert.Equal("urn:ietf:params:jmap:error:limit", await Post("{\"using\":[\"urn:ietf:params:jmap:core\"],\"methodCalls\":[" + many + "]}"));

        var (name, unknown) = await host.CallAsync(account, "Email/fly", []);
        Assert.Equal(("error", "unknownMethod"), (name, unknown["type"]!.ToString()));
        var (_, echo) = await host.CallAsync(account, "Core/echo", new JsonObject { ["hello"] = true });
        Assert.True(echo["hello"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Mailboxes_are_made_moved_and_removed()
    {
        await using var host = await JmapHost.StartAsync();
        var account = await host.Store.AddAccountAsync("anna");
        var client = host.Client(account);
        var made = await client.SetAsync(create: new Dictionary<string, Mailbox> { ["p"] = new() { Name = "Work" }, ["c"] = new() { Name = "2026", ParentId = "#p" } }, ct: Ct);
        Assert.Null(made.FirstError);
        var child = made.Created!["c"].Id!;
        var refused = await client.SetAsync<Mailbox>(destroy: made.Created["p"].Id!, ct: Ct);
        Assert.Equal("mailboxHasChild", refused.FirstError!.Type);
        Assert.Null((await client.SetAsync<Mailbox>(update: new Dictionary<string, PatchObject> { [child] = new PatchObject().Set("name", "2027").Set<string?>("parentId", null) }, ct: Ct)).FirstError);
        var box = (await client.GetAsync<Mailbox>(child, ct: Ct)).List.Single();
        Assert.Equal(("2027", null), (box.Name, box.ParentId));
        Assert.Null((await client.SetAsync<Mailbox>(destroy: new[] { made.Created["p"].Id!, child }, ct: Ct)).FirstError);
    }

    private static string NameOf(Type type) =>
        ((SaaS.Api.Jmap.JmapMethod)System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(type)).Name;

    private sealed class Told(List<long> values) : IProgress<long>
    {
        public void Report(long value) => values.Add(value);
    }
}
