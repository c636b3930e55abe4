using System.Text;
using System.Text.Json.Nodes;
using SaaS.Client.Jmap;

namespace SaaS.Web.Webmail.Settings;

/// <summary>The user's active script, over JMAP (RFC 9661).</summary>
public sealed class MailFilters(JmapClient jmap)
{
    private SieveScript? _own;
    private SieveScript? _active;

    /// <summary>The text of the active script; null where none is.</summary>
    public async Task<string?> LoadAsync(CancellationToken ct = default)
    {
        var scripts = (await jmap.GetAsync<SieveScript>(JmapIds.All, ct: ct)).List;
        _active = scripts.FirstOrDefault(s => s.IsActive == true);
        _own = scripts.FirstOrDefault(s => s.Name == FilterScript.ScriptName);
        return _active?.BlobId is { } blob ? await TextAsync(blob, ct) : null;
    }

    /// <summary>What is wrong with a script, with its line; null where nothing is.</summary>
    public async Task<string?> CheckAsync(string text, CancellationToken ct = default)
    {
        var blob = await UploadAsync(text, ct);
        var answer = await jmap.CallAsync<ValidateResponse>("SieveScript/validate", new JsonObject { ["blobId"] = blob }, ct);
        return answer.Error is { } error ? error.Description ?? error.Type : null;
    }

    /// <summary>Stores a script and makes it the active one. Rules go into a script of their own; text of one's own replaces the active script.</summary>
    public async Task SaveAsync(string text, bool rules, CancellationToken ct = default)
    {
        var blob = await UploadAsync(text, ct);
        var target = rules ? _own : _active ?? _own;
        var arguments = target?.Id is { } id
            ? new JsonObject { ["update"] = new JsonObject { [id] = new JsonObject { ["blobId"] = blob } }, ["onSuccessActivateScript"] = id }
            : new JsonObject
            {
                ["create"] = new JsonObject { ["script"] = new JsonObject { ["name"] = FilterScript.ScriptName, ["blobId"] = blob } },
                ["onSuccessActivateScript"] = "#script",
            };
        MailSession.Check(await jmap.CallAsync<SetResponse<SieveScript>>("SieveScript/set", arguments, ct));
        await LoadAsync(ct);
    }

    private async Task<string> UploadAsync(string text, CancellationToken ct)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return (await jmap.UploadAsync(stream, "application/sieve", ct: ct)).BlobId;
    }

    private async Task<string> TextAsync(string blobId, CancellationToken ct)
    {
        using var blob = await jmap.DownloadAsync(blobId, "script.sieve", "application/sieve", ct);
        using var reader = new StreamReader(blob.Content, Encoding.UTF8);
        return await reader.ReadToEndAsync(ct);
    }
}
