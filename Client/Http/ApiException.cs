using System.Net;

namespace SaaS.Client.Http;

/// <summary>An answer that is not a success: the problem document (RFC 9457) of the API.</summary>
/// <param name="status">HTTP status.</param>
/// <param name="reason">The machine-readable reason, such as notFound or alreadyExists; empty where the answer came from elsewhere.</param>
/// <param name="text">One sentence that can be shown to the person.</param>
/// <param name="errors">Messages by request field; empty where no field is at fault.</param>
public sealed class ApiException(
    HttpStatusCode status, string reason, string text, IReadOnlyDictionary<string, string[]> errors) : Exception(text)
{
    public HttpStatusCode Status => status;
    public string Reason => reason;
    public IReadOnlyDictionary<string, string[]> Errors => errors;

    /// <summary>How long the API asks to wait (429, 503).</summary>
    public TimeSpan? RetryAfter { get; init; }

    public bool IsNotFound => status == HttpStatusCode.NotFound;

    /// <summary>Somebody else changed the object since it was read.</summary>
    public bool IsConflict => status is HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed;

    /// <summary>The first message of a field, null where it is not at fault.</summary>
    public string? ErrorOf(string field) =>
        errors.FirstOrDefault(e => string.Equals(e.Key, field, StringComparison.OrdinalIgnoreCase)).Value?.FirstOrDefault();
}
