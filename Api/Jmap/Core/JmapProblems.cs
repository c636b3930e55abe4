using System.Text.Json.Nodes;

namespace SaaS.Api.Jmap.Core;

/// <summary>Request-level errors (RFC 8620 §3.6.1).</summary>
internal static class JmapProblems
{
    public static IResult NotJson(string detail) => Of("notJSON", 400, detail);

    public static IResult NotRequest(string detail) => Of("notRequest", 400, detail);

    public static IResult UnknownCapability(string name) => Of("unknownCapability", 400, $"Unknown capability: {name}");

    public static IResult Limit(string limit, int status = 400) => Of("limit", status, $"Over the limit {limit}.", limit);

    public static IResult Plain(int status, string detail) => Write("about:blank", status, detail, null);

    private static IResult Of(string type, int status, string detail, string? limit = null) =>
        Write("urn:ietf:params:jmap:error:" + type, status, detail, limit);

    private static IResult Write(string type, int status, string detail, string? limit)
    {
        var problem = new JsonObject { ["type"] = type, ["status"] = status, ["detail"] = detail };
        if (limit is not null)
        {
            problem["limit"] = limit;
        }

        return Results.Text(problem.ToJsonString(), "application/problem+json", statusCode: status);
    }
}
