using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using SaaS.Client.Jmap;
using SaaS.Domain.Messages;
using Xunit;

namespace SaaS.Api.Tests.Jmap;

/// <summary>/changes and /queryChanges tell what happened (RFC 8620 §5.2, §5.6), and every error has the form of RFC 8620 §3.6 and §5.</summary>
public class JmapChangesTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Email_queryChanges_takes_out_and_puts_in()
    {
        await using var host = await JmapHost.StartAsync();
        var account = await host.Store.AddAccountAsync("anna");
        var one = await host.Store.DeliverAsync(account, "One", "x", MessageFlags.None, "Message-ID: <1@x>");
        var two = await host.Store.DeliverAsync(account, "Two");
        var client = host.Client(account);
        var filter = new EmailCondition { InMailbox = "B1" };
        var before = await client.QueryAsync<Email>(filter, collapseThreads: true, ct: Ct);
        Assert.True(before.CanCalculateChanges);
        Assert.Equal([$"M{two.Id}", $"M{one.Id}"], before.Ids);

        var reply = await host.Store.DeliverAsync(account, "Re: One", "x", MessageFlags.None, "References: <1@x>");
        Assert.Null((await client.SetAsync<Email>(update: new Dictionary<string, PatchObject> { [$"M{two.Id}"] = new PatchObject().MoveTo("B4") }, ct: Ct)).FirstError);
        var (name, delta) = await host.CallAsync(account, "Email/queryChanges", new JsonObject
        {
            ["accountId"] = $"A{account}",
            ["filter"] = new JsonObject { ["inMailbox"] = "B1" },
            ["sinceQueryState"] = before.QueryState,
            ["collapseThreads"] = true,
            ["calculateTotal"] = true,
        });
        Assert.Equal("Email/queryChanges", name);
        Assert.Equal(before.QueryState, delta["oldQueryState"]!.ToString());
        Assert.Equal(1, delta["total"]!.GetValue<int>());
        var removed = delta["removed"]!.AsArray().Select(r => r!.ToString()).ToHashSet();
        Assert.Superset(new HashSet<string> { $"M{one.Id}", $"M{two.Id}" }, removed);
        var added = Assert.Single(delta["added"]!.AsArray());
        Assert.Equal(($"M{reply.Id}", 0), (added!["id"]!.ToString(), added["index"]!.GetValue<int>()));

        var (_, many) = await host.CallAsync(account, "Email/queryChanges", new JsonObject
        {
            ["accountId"] = $"A{account}",
            ["filter"] = new JsonObject { ["inMailbox"] = "B1" },
            ["sinceQueryState"] = before.QueryState,
            ["maxChanges"] = 1,
        });
        Assert.Equal("tooManyChanges", many["type"]!.ToString());
        var (_, unknown) = await host.CallAsync(account, "Email/queryChanges", new JsonObject { ["accountId"] = $"A{account}", ["sinceQueryState"] = "never" });
        Assert.Equal("cannotCalculateChanges", unknown["type"]!.ToString());
    }

    [Fact]
    public async Task Mailbox_queryChanges_moves_what_was_renamed_and_nothing_for_a_count()
    {
        await using var host = await JmapHost.StartAsync();
        var account = await host.Store.AddAccountAsync("anna");
        var client = host.Client(account);
        var sort = new JsonArray(new JsonObject { ["property"] = "name" });
        JsonObject Ask(string? since) => new()
        {
            ["accountId"] = $"A{account}",
            ["sort"] = sort.DeepClone(),
            [since is null ? "calculateTotal" : "sinceQueryState"] = since is null ? true : since,
        };
        var (_, before) = await host.CallAsync(account, "Mailbox/query", Ask(null));
        await host.Store.DeliverAsync(account, "One");
        var (_, counted) = await host.CallAsync(account, "Mailbox/queryChanges", Ask(before["queryState"]!.ToString()));
        Assert.Empty(counted["removed"]!.AsArray());
        Assert.Empty(counted["added"]!.AsArray());

        var made = await client.SetAsync(create: new Dictionary<string, Mailbox> { ["n"] = new() { Name = "Aardvark" } }, ct: Ct);
        Assert.Null((await client.SetAsync<Mailbox>(update: new Dictionary<string, PatchObject> { ["B6"] = new PatchObject().Set("name", "Zebra") }, ct: Ct)).FirstError);
        var (_, delta) = await host.CallAsync(account, "Mailbox/queryChanges", Ask(counted["newQueryState"]!.ToString()));
        var ids = before["ids"]!.AsArray().Select(i => i!.ToString()).ToList();
        ids.RemoveAll(delta["removed"]!.AsArray().Select(r => r!.ToString()).Contains);
        foreach (var added in delta["added"]!.AsArray())
        {
            ids.Insert(added!["index"]!.GetValue<int>(), added["id"]!.ToString());
        }

        var (_, after) = await host.CallAsync(account, "Mailbox/query", Ask(null));
        Assert.Equal(after["ids"]!.AsArray().Select(i => i!.ToString()), ids);
        Assert.Equal(made.Created!["n"].Id, ids[0]);
    }

    [Fact]
    public async Task Identity_changes_tell_what_came_changed_and_went()
    {
        await using var host = await JmapHost.StartAsync();
        var account = await host.Store.AddAccountAsync("anna");
        var client = host.Client(account);
        var before = await client.GetAsync<SaaS.Client.Jmap.Identity>(JmapIds.All, ct: Ct);
        var first = before.List.Single().Id!;
        Assert.Empty((await client.ChangesAsync<SaaS.Client.Jmap.Identity>(before.State, ct: Ct)).Updated);
        var made = await client.SetAsync(create: new Dictionary<string, SaaS.Client.Jmap.Identity> { ["i"] = new() { Email = "anna@example.test", Name = "A." } }, ct: Ct);
        var second = made.Created!["i"].Id!;
        await client.SetAsync<SaaS.Client.Jmap.Identity>(update: new Dictionary<string, PatchObject> { [first] = new PatchObject().Set("name", "Anna") }, ct: Ct);

        var changes = await client.ChangesAsync<SaaS.Client.Jmap.Identity>(before.State, ct: Ct);
        Assert.Equal([second], changes.Created);
        Assert.Equal([first], changes.Updated);
        await client.SetAsync<SaaS.Client.Jmap.Identity>(destroy: second, ct: Ct);
        Assert.Equal([second], (await client.ChangesAsync<SaaS.Client.Jmap.Identity>(changes.NewState, ct: Ct)).Destroyed);
        var error = await Assert.ThrowsAsync<JmapMethodException>(() => client.ChangesAsync<SaaS.Client.Jmap.Identity>("x", ct: Ct));
        Assert.Equal("cannotCalculateChanges", error.Type);
    }

    [Fact]
    public async Task Submissions_that_are_taken_back_leave_the_pending_ones()
    {
        await using var host = await JmapHost.StartAsync();
        var account = await host.Store.AddAccountAsync("anna");
        var client = host.Client(account);
        var identity = (await client.GetAsync<SaaS.Client.Jmap.Identity>(JmapIds.All, ct: Ct)).List.Single();
        var pending = new JsonObject { ["undoStatus"] = "pending" };
        var (_, before) = await host.CallAsync(account, "EmailSubmission/query", new JsonObject { ["accountId"] = $"A{account}", ["filter"] = pending.DeepClone() });
        var batch = await client.NewBatchAsync(Ct);
        batch.Set(create: new Dictionary<string, Email>
        {
            ["d"] = new()
            {
                MailboxIds = new Dictionary<string, bool> { ["B2"] = true },
                From = [new EmailAddress(null, "anna@example.test")],
                To = [new EmailAddress(null, "bob@example.net")],
                Subject = "Later",
                BodyValues = new Dictionary<string, EmailBodyValue> { ["t"] = new() { Value = "text" } },
                TextBody = [new EmailBodyPart { PartId = "t", Type = "text/plain" }],
            },
        });
        var sent = batch.Submit(create: new Dictionary<string, EmailSubmission>
        {
            ["s"] = new() { EmailId = "#d", IdentityId = identity.Id, Envelope = Envelope.Held("anna@example.test", ["bob@example.net"], TimeSpan.FromHours(1)) },
        });
        await batch.SendAsync(Ct);
        var id = sent.Result.Created!["s"].Id!;
        JsonObject Ask(string since) => new() { ["accountId"] = $"A{account}", ["filter"] = pending.DeepClone(), ["sinceQueryState"] = since };
        var (_, came) = await host.CallAsync(account, "EmailSubmission/queryChanges", Ask(before["queryState"]!.ToString()));
        Assert.Equal(id, Assert.Single(came["added"]!.AsArray())!["id"]!.ToString());
        await client.SetAsync<EmailSubmission>(update: new Dictionary<string, PatchObject> { [id] = new PatchObject().Set("undoStatus", "canceled") }, ct: Ct);
        var (_, went) = await host.CallAsync(account, "EmailSubmission/queryChanges", Ask(came["newQueryState"]!.ToString()));
        Assert.Equal(id, Assert.Single(went["removed"]!.AsArray())!.ToString());
        Assert.Empty(went["added"]!.AsArray());
    }

    /// <summary>RFC 8620 §3.6.2 and §3.7: what is wrong with a call is said, and the others of the request go on.</summary>
    [Fact]
    public async Task Errors_of_calls_have_the_forms_of_the_RFC()
    {
        await using var host = await JmapHost.StartAsync();
        var account = await host.Store.AddAccountAsync("anna");
        var a = $"A{account}";
        var response = await RequestAsync(host.Http(account), new JsonArray(
            Call("Email/get", new JsonObject { ["accountId"] = a, ["ids"] = 7 }, "1"),
            Call("Email/get", new JsonObject { ["accountId"] = a, ["ids"] = new JsonArray(), ["#ids"] = Reference("1") }, "2"),
            Call("Email/get", new JsonObject { ["accountId"] = a, ["#ids"] = Reference("none") }, "3"),
            Call("Email/get", new JsonObject { ["accountId"] = a, ["ids"] = new JsonArray([.. Enumerable.Range(1, 501).Select(i => (JsonNode)$"M{i}")]) }, "4"),
            Call("Email/query", new JsonObject { ["accountId"] = a, ["filter"] = new JsonObject { ["colour"] = "red" } }, "5"),
            Call("Email/query", new JsonObject { ["accountId"] = a, ["sort"] = new JsonArray(new JsonObject { ["property"] = "colour" }) }, "6"),
            Call("Email/query", new JsonObject { ["accountId"] = a, ["anchor"] = "M99" }, "7"),
            Call("Email/set", new JsonObject { ["accountId"] = a, ["ifInState"] = "x", ["destroy"] = new JsonArray("M1") }, "8"),
            Call("Email/changes", new JsonObject { ["accountId"] = a, ["sinceState"] = "x" }, "9"),
            Call("Email/changes", new JsonObject { ["accountId"] = a, ["sinceState"] = "1", ["maxChanges"] = 0 }, "10"),
            Call("Email/set", new JsonObject { ["accountId"] = a, ["destroy"] = new JsonArray("M99"), ["update"] = new JsonObject { ["M98"] = new JsonObject() } }, "11"),
            Call("Core/echo", new JsonObject { ["hello"] = true, ["high"] = 5 }, "12")));
        string Error(int i)
        {
            Assert.Equal("error", response[i]![0]!.ToString());
            Assert.Equal($"{i + 1}", response[i]![2]!.ToString());
            return response[i]![1]!["type"]!.ToString();
        }

        Assert.Equal(
            ["invalidArguments", "invalidArguments", "invalidResultReference", "requestTooLarge", "unsupportedFilter", "unsupportedSort", "anchorNotFound",
                "stateMismatch", "cannotCalculateChanges", "invalidArguments"],
            Enumerable.Range(0, 10).Select(Error));
        Assert.Equal("notFound", response[10]![1]!["notDestroyed"]!["M99"]!["type"]!.ToString());
        Assert.Equal("notFound", response[10]![1]!["notUpdated"]!["M98"]!["type"]!.ToString());
        Assert.Equal(5, response[11]![1]!["high"]!.GetValue<int>());
    }

    [Fact]
    public async Task The_size_of_an_attachment_is_exact_without_reading_it()
    {
        await using var host = await JmapHost.StartAsync();
        var account = await host.Store.AddAccountAsync("anna");
        var bytes = new byte[1234];
        var base64 = Convert.ToBase64String(bytes, Base64FormattingOptions.InsertLineBreaks);
        var body = $"--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe und =\r\nmehr\r\n--b\r\n"
            + $"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=x.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n{base64}\r\n--b--";
        var stored = await host.Store.DeliverAsync(account, "Files", body, MessageFlags.None, "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b");
        var email = (await host.Client(account).GetEmailsAsync($"M{stored.Id}", Email.ReadProperties, ct: Ct)).List.Single();
        Assert.Equal(1234, email.Attachments!.Single().Size);
        Assert.Equal(Encoding.UTF8.GetByteCount("Grüße und mehr"), email.TextBody!.Single().Size);
    }

    private static JsonArray Call(string method, JsonObject arguments, string id) => new(method, arguments, id);

    private static JsonObject Reference(string id) => new() { ["resultOf"] = id, ["name"] = "Email/query", ["path"] = "/ids" };

    private static async Task<JsonArray> RequestAsync(HttpClient http, JsonArray calls)
    {
        var request = new JsonObject { ["using"] = new JsonArray(JmapCapability.Core, JmapCapability.Mail, JmapCapability.Submission), ["methodCalls"] = calls };
        using var response = await http.PostAsync("/jmap/api", new StringContent(request.ToJsonString(), Encoding.UTF8, "application/json"), Ct);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(Ct))!["methodResponses"]!.AsArray();
    }
}
