using System.Text.Json.Nodes;
using SaaS.Client.Jmap;
using SaaS.Domain.Common;

namespace SaaS.Api.Jmap;

/// <summary>One method: a file with its arguments, checks and answer, and a line in <see cref="MethodTable"/>.</summary>
internal abstract class JmapMethod
{
    public abstract string Name { get; }

    public virtual string Capability => JmapCapability.Mail;

    /// <summary>Needs the scope mail.send instead of mail.read.</summary>
    public virtual bool Sends => false;

    /// <summary>Changes something in the account.</summary>
    public bool Writes => Name[(Name.IndexOf('/', StringComparison.Ordinal) + 1)..] is "set" or "import" or "copy";

    /// <summary>False for Core/echo alone: every other method is for one account, checked before it runs.</summary>
    public virtual bool NeedsAccount => true;

    public abstract Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct);
}

/// <summary>A call on its way: the account is one that the caller may use, references are resolved.</summary>
internal sealed class MethodCall(JmapAccount account, JmapCaller caller, JmapArguments arguments, Dictionary<string, string> createdIds)
{
    public AccountId Account => account.Id;

    /// <summary>The account with the caller's rights in it.</summary>
    public JmapAccount Access => account;

    public JmapCaller Caller => caller;
    public JmapArguments Arguments => arguments;

    /// <summary>Creation id -> id, of the whole request (RFC 8620 §3.3).</summary>
    public Dictionary<string, string> CreatedIds => createdIds;

    /// <summary>Further responses under this call's id (RFC 8621 §7.5).</summary>
    public List<(string Name, JsonObject Arguments)> Extra { get; } = [];

    /// <summary>"#creationId" -> the id it stands for; null where nothing was created under it.</summary>
    public string? Resolve(string id) => id.Length > 0 && id[0] == '#' ? createdIds.GetValueOrDefault(id[1..]) : id;

    public MethodCall With(JsonObject other) => With(account, other);

    public MethodCall With(JmapAccount otherAccount, JsonObject other) => new(otherAccount, caller, new JmapArguments(other), createdIds);

    public JsonObject Response() => new() { ["accountId"] = JmapIds.Of(account.Id) };
}

internal static class JsonLists
{
    public static JsonArray ToJson(this IEnumerable<string> strings) => new([.. strings.Select(s => (JsonNode)JsonValue.Create(s))]);

    public static string Utc(this DateTimeOffset at) => at.UtcDateTime.ToString(
        at.Ticks % TimeSpan.TicksPerSecond == 0 ? "yyyy-MM-ddTHH:mm:ssZ" : "yyyy-MM-ddTHH:mm:ss.FFFFFFZ",
        System.Globalization.CultureInfo.InvariantCulture);
}
