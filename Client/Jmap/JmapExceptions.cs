using System.Net;

namespace SaaS.Client.Jmap;

/// <summary>The whole request failed (RFC 8620 §3.6.1), or was refused before JMAP saw it.</summary>
public sealed class JmapRequestException(HttpStatusCode status, string type, string? detail)
    : Exception(detail is { Length: > 0 } ? $"{type}: {detail}" : type)
{
    public HttpStatusCode Status { get; } = status;
    /// <summary>"urn:ietf:params:jmap:error:limit", or "about:blank".</summary>
    public string Type { get; } = type;
    public string? Detail { get; } = detail;
}

/// <summary>One call failed (RFC 8620 §3.6.2): "accountNotFound", "stateMismatch", "cannotCalculateChanges", …</summary>
public sealed class JmapMethodException(string method, string type, string? description)
    : Exception(description is { Length: > 0 } ? $"{method}: {type}: {description}" : $"{method}: {type}")
{
    public string Method { get; } = method;
    public string Type { get; } = type;
    public string? Description { get; } = description;
}
