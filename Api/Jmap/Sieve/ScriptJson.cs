using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using SaaS.Api.Jmap.Blobs;
using SaaS.Domain.Common;
using SaaS.Domain.Sieve;
using SaaS.Domain.Sieve.Scripts;

namespace SaaS.Api.Jmap.Sieve;

/// <summary>RFC 9661 §2.</summary>
internal static class ScriptJson
{
    public static readonly IReadOnlyList<string> Properties = ["id", "name", "blobId", "isActive"];
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static JsonObject Of(SieveScriptInfo script) => new()
    {
        ["id"] = JmapIds.OfScript(script.Id),
        ["name"] = script.Name,
        ["blobId"] = BlobId.OfScript(script.Id, script.ModSeq),
        ["isActive"] = script.Active,
    };

    public static string State(long state) => state.ToString(CultureInfo.InvariantCulture);

    // RFC 9661 §1.3.1
    public static JsonObject Capability(SieveLimits limits) => new()
    {
        ["maxSizeScriptName"] = SieveScriptName.MaxBytes,
        ["maxSizeScript"] = limits.MaxScriptBytes,
        ["maxNumberScripts"] = limits.MaxScripts,
        ["maxNumberRedirects"] = limits.MaxRedirects,
        ["sieveExtensions"] = SieveScript.Extensions.ToJson(),
        ["notificationMethods"] = new JsonArray("mailto"),
        ["externalLists"] = null,
    };

    /// <summary>The text of a blob; an error of the object where there is none, or no text.</summary>
    public static async Task<string> ReadAsync(BlobReader blobs, AccountId account, string blobId, SieveLimits limits, CancellationToken ct)
    {
        await using var bytes = await blobs.ReadAsync(account, BlobId.Parse(blobId), limits.MaxScriptBytes, ct)
            ?? throw new SetException(SetErrors.Of("blobNotFound", "No such blob.", "blobId"));
        try
        {
            return Strict.GetString(bytes.Memory is { } memory ? memory.Span : []);
        }
        catch (DecoderFallbackException)
        {
            throw new SetException(SetErrors.Of("invalidSieve", "A script is UTF-8."));
        }
    }

    public static JsonObject Error(Refusal refusal) => refusal switch
    {
        { Reason: RefusalReason.Invalid, Field: "content" } => SetErrors.Of("invalidSieve", refusal.Text),
        { Reason: RefusalReason.Conflict } => SetErrors.Of("sieveIsActive", refusal.Text),
        { Reason: RefusalReason.AlreadyExists } => SetErrors.Of("alreadyExists", refusal.Text, "name"),
        _ => SetErrors.Of(refusal),
    };
}
