using SaaS.Client.Http;

namespace SaaS.Web.Portal;

/// <summary>A call that did not work, in words for the person at the screen.</summary>
/// <param name="Text">One sentence.</param>
/// <param name="Fields">What is wrong with which field of the request.</param>
public sealed record Failure(string Text, IReadOnlyDictionary<string, string> Fields, bool NotFound = false, bool Conflict = false)
{
    private static readonly Dictionary<string, string> None = [];

    /// <summary>Something that this page itself found.</summary>
    public static Failure Of(string text) => new(text, None);

    /// <summary>Null where the exception is a fault of ours and not an answer.</summary>
    public static Failure? Of(Exception e) => e switch
    {
        ApiException { IsNotFound: true } => new("It does not exist, or it is not yours to see.", None, NotFound: true),
        ApiException { Status: System.Net.HttpStatusCode.PreconditionFailed } =>
            new("Somebody else changed this in the meantime. Reload and try again.", None, Conflict: true),
        ApiException { Status: System.Net.HttpStatusCode.Unauthorized } => new("Your session has ended. Sign in again.", None),
        ApiException { Status: System.Net.HttpStatusCode.Forbidden } api when api.Message.Length == 0 =>
            new("You are not allowed to do that.", None),
        ApiException api => new(
            api.Message, api.Errors.Where(f => f.Value.Length > 0).ToDictionary(f => f.Key, f => string.Join(" ", f.Value))),
        HttpRequestException => new("The service does not answer right now. Try again in a moment.", None),
        _ => null,
    };
}
