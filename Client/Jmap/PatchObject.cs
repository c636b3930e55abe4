using System.Text.Json;
using System.Text.Json.Nodes;

namespace SaaS.Client.Jmap;

/// <summary>Changes to one object: JSON pointer without its leading slash -> new value; null resets to the default (RFC 8620 §5.3).</summary>
public sealed class PatchObject : Dictionary<string, JsonNode?>
{
    public PatchObject() : base(StringComparer.Ordinal) { }

    public PatchObject Set<T>(string path, T value)
    {
        this[path] = value is null ? null : JsonSerializer.SerializeToNode(value, JmapJson.Options);
        return this;
    }

    /// <summary>Sets or takes off a keyword of an email: "$seen", "$flagged".</summary>
    public PatchObject Keyword(string keyword, bool on) => Set($"keywords/{Escape(keyword)}", on ? true : (bool?)null);

    /// <summary>Puts an email into this mailbox and no other.</summary>
    public PatchObject MoveTo(string mailboxId) => Set("mailboxIds", new Dictionary<string, bool> { [mailboxId] = true });

    public static string Escape(string key) =>
        key.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
