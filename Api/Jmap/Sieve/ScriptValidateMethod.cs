using System.Text.Json.Nodes;
using SaaS.Api.Jmap.Blobs;
using SaaS.Client.Jmap;
using SaaS.Domain.Sieve;

namespace SaaS.Api.Jmap.Sieve;

/// <summary>RFC 9661 §2.4: checks without storing; null is a script that could be stored.</summary>
internal sealed class ScriptValidateMethod(BlobReader blobs, SieveLimits limits) : JmapMethod
{
    public override string Name => "SieveScript/validate";

    public override string Capability => JmapCapability.Sieve;

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var response = call.Response();
        try
        {
            var text = await ScriptJson.ReadAsync(blobs, call.Account, call.Arguments.String("blobId"), limits, ct);
            response["error"] = Domain.Sieve.SieveScript.Compile(text, limits).Problem is { } problem ? SetErrors.Of("invalidSieve", problem.ToString()) : null;
        }
        catch (SetException e)
        {
            response["error"] = e.Error;
        }

        return response;
    }
}
