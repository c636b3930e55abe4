using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using SaaS.Api.Jmap.Blobs;
using SaaS.Api.Jmap.Mail;
using SaaS.Client.Jmap;
using SaaS.Domain.Sieve.Scripts;

namespace SaaS.Api.Jmap.Sieve;

/// <summary>RFC 9661 §2.2.</summary>
internal sealed class ScriptSetMethod(SieveScriptService scripts, BlobReader blobs, IOptions<JmapOptions> options) : JmapMethod
{
    public override string Name => "SieveScript/set";

    public override string Capability => JmapCapability.Sieve;

    /// <summary>Scripts redirect and answer: who may set them may send.</summary>
    public override bool Sends => true;

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var run = new SetRun(call, options.Value.MaxObjectsInSet);
        var activate = call.Arguments.OptionalString("onSuccessActivateScript");
        var deactivate = call.Arguments.Bool("onSuccessDeactivateScript");
        var (before, state) = await scripts.ListAsync(call.Account, ct);
        run.CheckState(ScriptJson.State(state));
        await run.CreateEachAsync(o => CreateAsync(call, o, ct));
        await run.UpdateEachAsync((id, patch) => UpdateAsync(call, id, patch, ct));
        await run.DestroyEachAsync(async id =>
        {
            var number = JmapIds.Script(id) ?? throw new SetException(SetErrors.NotFound());
            if (await scripts.DeleteAsync(call.Account, number, ct) is { } refusal)
            {
                throw new SetException(ScriptJson.Error(refusal));
            }
        });

        // Only where everything went well (RFC 9661 §2.2).
        if (run.NotCreated.Count + run.NotUpdated.Count + run.NotDestroyed.Count == 0 && (activate is not null || deactivate))
        {
            await ActivateAsync(call, run, activate, before, ct);
        }

        return run.Response(ScriptJson.State(state), ScriptJson.State(await scripts.StateAsync(call.Account, ct)));
    }

    private async Task<JsonObject> CreateAsync(MethodCall call, JsonObject o, CancellationToken ct)
    {
        var values = new Values(o);
        values.RefuseUnknown("name", "blobId");
        var content = await ScriptJson.ReadAsync(
            blobs, call.Account, values.Text("blobId") ?? throw SetException.Invalid("blobId", "A script has content."), scripts.Limits, ct);
        var name = values.Text("name") ?? $"script-{Guid.NewGuid():N}"[..15];
        if (await scripts.FindAsync(call.Account, name, ct) is { } same)
        {
            var error = SetErrors.Of("alreadyExists", "A script with this name exists.", "name");
            error["existingId"] = JmapIds.OfScript(same.Id);
            throw new SetException(error);
        }

        var made = await scripts.PutAsync(call.Account, name, content, ct);
        return made.Ok ? ScriptJson.Of(made.Value) : throw new SetException(ScriptJson.Error(made.Refusal));
    }

    private async Task<JsonObject?> UpdateAsync(MethodCall call, string id, JsonObject patch, CancellationToken ct)
    {
        var values = new Values(patch);
        values.RefuseUnknown("name", "blobId");
        var number = JmapIds.Script(id) ?? throw new SetException(SetErrors.NotFound());
        var content = values.Text("blobId") is { } blob ? await ScriptJson.ReadAsync(blobs, call.Account, blob, scripts.Limits, ct) : null;
        var changed = await scripts.UpdateAsync(call.Account, number, values.Text("name"), content, ct);
        return changed.Ok
            ? new JsonObject { ["blobId"] = BlobId.OfScript(changed.Value.Id, changed.Value.ModSeq) }
            : throw new SetException(ScriptJson.Error(changed.Refusal));
    }

    private async Task ActivateAsync(MethodCall call, SetRun run, string? activate, IReadOnlyList<SieveScriptInfo> before, CancellationToken ct)
    {
        long? wanted = null;
        if (activate is not null)
        {
            // An id that does not exist is passed over (RFC 9661 §2.2).
            if (JmapIds.Script(call.Resolve(activate)) is not { } number)
            {
                return;
            }

            wanted = number;
        }

        if (await scripts.ActivateAsync(call.Account, wanted, ct) is not null)
        {
            return;
        }

        foreach (var script in before.Where(s => s.Active && s.Id != wanted))
        {
            Tell(run, JmapIds.OfScript(script.Id), active: false);
        }

        if (wanted is { } id && before.FirstOrDefault(s => s.Id == id) is not { Active: true })
        {
            Tell(run, JmapIds.OfScript(id), active: true);
        }
    }

    private static void Tell(SetRun run, string id, bool active)
    {
        if (run.Created.FirstOrDefault(c => c.Value?["id"]?.GetValue<string>() == id).Value is JsonObject created)
        {
            created["isActive"] = active;
        }
        else if (run.Updated.TryGetPropertyValue(id, out var updated) && updated is JsonObject known)
        {
            known["isActive"] = active;
        }
        else
        {
            run.Updated[id] = new JsonObject { ["isActive"] = active };
        }
    }
}
