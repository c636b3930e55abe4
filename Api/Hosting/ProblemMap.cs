using SaaS.Domain.Common;

namespace SaaS.Api.Hosting;

/// <summary>Turns a refusal into its HTTP status and problem document (RFC 9457): the only place that does.</summary>
internal static class ProblemMap
{
    /// <param name="reason">Why a rule said no.</param>
    /// <param name="conditional">The request carried If-Match.</param>
    public static int StatusOf(RefusalReason reason, bool conditional) => reason switch
    {
        RefusalReason.NotFound => StatusCodes.Status404NotFound,
        RefusalReason.UnknownRecipient => StatusCodes.Status404NotFound,
        RefusalReason.AlreadyExists => StatusCodes.Status409Conflict,
        RefusalReason.Invalid => StatusCodes.Status422UnprocessableEntity,
        RefusalReason.Forbidden => StatusCodes.Status403Forbidden,
        RefusalReason.SenderNotAllowed => StatusCodes.Status403Forbidden,
        RefusalReason.RelayDenied => StatusCodes.Status403Forbidden,
        RefusalReason.Conflict => conditional ? StatusCodes.Status412PreconditionFailed : StatusCodes.Status409Conflict,
        RefusalReason.OverQuota => StatusCodes.Status409Conflict,
        RefusalReason.LimitReached => StatusCodes.Status409Conflict,
        RefusalReason.TooLarge => StatusCodes.Status413PayloadTooLarge,
        RefusalReason.Suspended => StatusCodes.Status403Forbidden,
        RefusalReason.NotVerified => StatusCodes.Status409Conflict,
        RefusalReason.HasChildren => StatusCodes.Status409Conflict,
        RefusalReason.NonExistentParent => StatusCodes.Status409Conflict,
        RefusalReason.RateLimited => StatusCodes.Status429TooManyRequests,
        RefusalReason.LoopDetected => StatusCodes.Status409Conflict,
        RefusalReason.TemporarilyUnavailable => StatusCodes.Status503ServiceUnavailable,
    };

    public static IResult Answer(Refusal refusal, HttpContext context)
    {
        var extensions = new Dictionary<string, object?>
        {
            ["reason"] = System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(refusal.Reason.ToString()),
        };
        if (refusal.Field is { } field)
        {
            extensions["errors"] = new Dictionary<string, string[]> { [field] = [refusal.Text] };
        }

        return Results.Problem(
            refusal.Text, statusCode: StatusOf(refusal.Reason, context.Request.Headers.IfMatch.Count > 0), extensions: extensions);
    }
}
