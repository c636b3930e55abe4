using System.Text.Json.Nodes;
using SaaS.Domain.Common;

namespace SaaS.Api.Jmap;

/// <summary>Why one object of a /set was left as it is (RFC 8620 §5.3).</summary>
internal static class SetErrors
{
    public static JsonObject Of(string type, string? description = null, params string[] properties)
    {
        var error = new JsonObject { ["type"] = type };
        if (description is not null)
        {
            error["description"] = description;
        }

        if (properties.Length > 0)
        {
            error["properties"] = new JsonArray([.. properties.Select(p => JsonValue.Create(p))]);
        }

        return error;
    }

    public static JsonObject Invalid(string property, string description) => Of("invalidProperties", description, property);

    public static JsonObject NotFound() => Of("notFound");

    public static JsonObject Of(Refusal refusal) => refusal.Reason switch
    {
        RefusalReason.NotFound => Of("notFound"),
        RefusalReason.OverQuota => Of("overQuota", refusal.Text),
        RefusalReason.TooLarge => Of("tooLarge", refusal.Text),
        RefusalReason.LimitReached => Of("overQuota", refusal.Text),
        RefusalReason.RateLimited or RefusalReason.TemporarilyUnavailable => Of("rateLimit", refusal.Text),
        RefusalReason.Forbidden or RefusalReason.Suspended or RefusalReason.NotVerified or RefusalReason.SenderNotAllowed
            or RefusalReason.RelayDenied => Of("forbidden", refusal.Text),
        RefusalReason.HasChildren => Of("mailboxHasChild", refusal.Text),
        RefusalReason.AlreadyExists or RefusalReason.Invalid or RefusalReason.Conflict or RefusalReason.NonExistentParent
            or RefusalReason.UnknownRecipient or RefusalReason.LoopDetected =>
            refusal.Field is { } field ? Of("invalidProperties", refusal.Text, field) : Of("invalidProperties", refusal.Text),
    };
}

/// <summary>An object of a /set that cannot be done; caught where its error is collected.</summary>
internal sealed class SetException(JsonObject error) : Exception(error["type"]!.ToString())
{
    public JsonObject Error { get; } = error;

    public static SetException Invalid(string property, string description) => new(SetErrors.Invalid(property, description));
}
