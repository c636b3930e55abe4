using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace SaaS.Api.Tests.Jmap;

public sealed class SieveTests
{
    private static async Task<string> UploadAsync(JmapHost host, Domain.Common.AccountId account, string script)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(script));
        return (await host.Client(account).UploadAsync(stream, "application/sieve", ct: CancellationToken.None)).BlobId;
    }

    [Fact]
    public async Task Scripts_are_made_activated_found_renamed_and_destroyed()
    {
        await using var host = await JmapHost.StartAsync();
        var account = await host.Store.AddAccountAsync("a");
        var id = $"A{account}";
        var blob = await UploadAsync(host, account, "require \"fileinto\"; fileinto \"Archive\";");
        var (_, made) = await host.CallAsync(account, "SieveScript/set", new JsonObject
        {
            ["accountId"] = id,
            ["create"] = new JsonObject { ["c"] = new JsonObject { ["name"] = "one", ["blobId"] = blob }, ["d"] = new JsonObject { ["blobId"] = blob } },
            ["onSuccessActivateScript"] = "#c",
        });
        var one = made["created"]!["c"]!["id"]!.GetValue<string>();
        Assert.True(made["created"]!["c"]!["isActive"]!.GetValue<bool>());
        Assert.False(made["created"]!["d"]!["isActive"]!.GetValue<bool>());
        Assert.NotEqual(made["oldState"]!.GetValue<string>(), made["newState"]!.GetValue<string>());

        var (_, found) = await host.CallAsync(account, "SieveScript/query", new JsonObject { ["accountId"] = id, ["filter"] = new JsonObject { ["isActive"] = true } });
        Assert.Equal(one, Assert.Single(found["ids"]!.AsArray())!.GetValue<string>());
        var (_, got) = await host.CallAsync(account, "SieveScript/get", new JsonObject { ["accountId"] = id, ["ids"] = new JsonArray(one) });
        var script = got["list"]![0]!;
        Assert.Equal("one", script["name"]!.GetValue<string>());
        await using (var content = await host.Client(account).DownloadAsync(script["blobId"]!.GetValue<string>(), ct: CancellationToken.None))
        {
            using var reader = new StreamReader(content.Content);
            Assert.Contains("Archive", await reader.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        var (_, refused) = await host.CallAsync(account, "SieveScript/set", new JsonObject
        {
            ["accountId"] = id,
            ["create"] = new JsonObject { ["x"] = new JsonObject { ["name"] = "one", ["blobId"] = blob }, ["y"] = new JsonObject { ["blobId"] = "Unone" } },
            ["destroy"] = new JsonArray(one),
            ["onSuccessDeactivateScript"] = true,
        });
        Assert.Equal("alreadyExists", refused["notCreated"]!["x"]!["type"]!.GetValue<string>());
        Assert.Equal(one, refused["notCreated"]!["x"]!["existingId"]!.GetValue<string>());
        Assert.Equal("blobNotFound", refused["notCreated"]!["y"]!["type"]!.GetValue<string>());
        Assert.Equal("sieveIsActive", refused["notDestroyed"]![one]!["type"]!.GetValue<string>());

        var bad = await UploadAsync(host, account, "keep;\nfrop;");
        var (_, changed) = await host.CallAsync(account, "SieveScript/set", new JsonObject
        {
            ["accountId"] = id,
            ["update"] = new JsonObject { [one] = new JsonObject { ["blobId"] = bad } },
        });
        Assert.Equal("invalidSieve", changed["notUpdated"]![one]!["type"]!.GetValue<string>());
        Assert.Equal("line 2: unknown command 'frop'", changed["notUpdated"]![one]!["description"]!.GetValue<string>());
        var (_, invalid) = await host.CallAsync(account, "SieveScript/validate", new JsonObject { ["accountId"] = id, ["blobId"] = bad });
        Assert.Equal("invalidSieve", invalid["error"]!["type"]!.GetValue<string>());
        var (_, valid) = await host.CallAsync(account, "SieveScript/validate", new JsonObject { ["accountId"] = id, ["blobId"] = blob });
        Assert.Null(valid["error"]);

        var (_, ended) = await host.CallAsync(account, "SieveScript/set", new JsonObject
        {
            ["accountId"] = id,
            ["update"] = new JsonObject { [one] = new JsonObject { ["name"] = "uno" } },
            ["onSuccessDeactivateScript"] = true,
        });
        Assert.False(ended["updated"]![one]!["isActive"]!.GetValue<bool>());
        var (_, gone) = await host.CallAsync(account, "SieveScript/set", new JsonObject { ["accountId"] = id, ["destroy"] = new JsonArray(one) });
        Assert.Equal(one, gone["destroyed"]![0]!.GetValue<string>());
    }

    [Fact]
    public async Task A_script_of_another_account_does_not_exist()
    {
        await using var host = await JmapHost.StartAsync();
        var (mine, other) = (await host.Store.AddAccountAsync("a"), await host.Store.AddAccountAsync("b"));
        var blob = await UploadAsync(host, other, "keep;");
        var (_, made) = await host.CallAsync(other, "SieveScript/set", new JsonObject
        {
            ["accountId"] = $"A{other}",
            ["create"] = new JsonObject { ["c"] = new JsonObject { ["name"] = "theirs", ["blobId"] = blob } },
        });
        var theirs = made["created"]!["c"]!["id"]!.GetValue<string>();
        var (_, got) = await host.CallAsync(mine, "SieveScript/get", new JsonObject { ["accountId"] = $"A{mine}", ["ids"] = new JsonArray(theirs) });
        Assert.Equal(theirs, got["notFound"]![0]!.GetValue<string>());
        var (_, set) = await host.CallAsync(mine, "SieveScript/set", new JsonObject
        {
            ["accountId"] = $"A{mine}",
            ["update"] = new JsonObject { [theirs] = new JsonObject { ["name"] = "mine" } },
            ["create"] = new JsonObject { ["c"] = new JsonObject { ["blobId"] = made["created"]!["c"]!["blobId"]!.GetValue<string>() } },
        });
        Assert.Equal("notFound", set["notUpdated"]![theirs]!["type"]!.GetValue<string>());
        Assert.Equal("blobNotFound", set["notCreated"]!["c"]!["type"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_response_is_one_for_each_account()
    {
        await using var host = await JmapHost.StartAsync();
        var account = await host.Store.AddAccountAsync("a");
        var id = $"A{account}";
        var (_, empty) = await host.CallAsync(account, "VacationResponse/get", new JsonObject { ["accountId"] = id, ["ids"] = null });
        Assert.False(empty["list"]![0]!["isEnabled"]!.GetValue<bool>());
        var (_, set) = await host.CallAsync(account, "VacationResponse/set", new JsonObject
        {
            ["accountId"] = id,
            ["create"] = new JsonObject { ["x"] = new JsonObject { ["isEnabled"] = true } },
            ["update"] = new JsonObject
            {
                ["singleton"] = new JsonObject { ["isEnabled"] = true, ["fromDate"] = "2026-12-24T00:00:00Z", ["textBody"] = "Away", ["subject"] = "Out" },
                ["other"] = new JsonObject { ["isEnabled"] = true },
            },
            ["destroy"] = new JsonArray("singleton"),
        });
        Assert.True(set["updated"]!.AsObject().ContainsKey("singleton"));
        Assert.Equal("singleton", set["notCreated"]!["x"]!["type"]!.GetValue<string>());
        Assert.Equal("notFound", set["notUpdated"]!["other"]!["type"]!.GetValue<string>());
        Assert.Equal("singleton", set["notDestroyed"]!["singleton"]!["type"]!.GetValue<string>());
        var (_, got) = await host.CallAsync(account, "VacationResponse/get", new JsonObject { ["accountId"] = id, ["ids"] = new JsonArray("singleton", "x") });
        Assert.Equal("2026-12-24T00:00:00Z", got["list"]![0]!["fromDate"]!.GetValue<string>());
        Assert.Equal("Away", got["list"]![0]!["textBody"]!.GetValue<string>());
        Assert.Equal("x", got["notFound"]![0]!.GetValue<string>());
        var (_, wrong) = await host.CallAsync(account, "VacationResponse/set", new JsonObject
        {
            ["accountId"] = id,
            ["update"] = new JsonObject { ["singleton"] = new JsonObject { ["toDate"] = "2026-12-01T00:00:00Z" } },
        });
        Assert.Equal("invalidProperties", wrong["notUpdated"]!["singleton"]!["type"]!.GetValue<string>());
    }
}
