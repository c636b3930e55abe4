using System.Globalization;
using SaaS.Client.Http;
using SaaS.Domain.Common;

namespace SaaS.Api.Hosting;

/// <summary>The shapes that every endpoint answers in.</summary>
internal static class Answers
{
    /// <summary>The version that If-Match names; null where the request has none, or *.</summary>
    public static uint? IfMatch(this HttpContext context)
    {
        var tag = context.Request.Headers.IfMatch.ToString().Trim();
        return tag.Length == 0 || tag == "*" ? null
            // A tag that is none of ours matches nothing.
            : uint.TryParse(tag.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : uint.MaxValue;
    }

    public static string Version(uint version) => version.ToString(CultureInfo.InvariantCulture);

    /// <summary>200 with the object and its ETag, or 304 where the client has it.</summary>
    public static IResult Found<T>(this HttpContext context, T view, string version)
    {
        var tag = $"\"{version}\"";
        context.Response.Headers.ETag = tag;
        return HttpMethods.IsGet(context.Request.Method) && context.Request.Headers.IfNoneMatch.ToString() == tag
            ? Results.StatusCode(StatusCodes.Status304NotModified)
            : Results.Json(view, ApiJson.Options);
    }

    public static IResult Made<T>(this HttpContext context, string location, T view, string version)
    {
        context.Response.Headers.ETag = $"\"{version}\"";
        context.Response.Headers.Location = location;
        return Results.Json(view, ApiJson.Options, statusCode: StatusCodes.Status201Created);
    }

    public static IResult Refused(this HttpContext context, Refusal refusal) => ProblemMap.Answer(refusal, context);

    /// <summary>204, or the refusal.</summary>
    public static IResult Done(this HttpContext context, Refusal? refusal) =>
        refusal is null ? Results.NoContent() : context.Refused(refusal);

    public static IResult List<TItem, TView>(this Page<TItem> page, Func<TItem, TView> view) =>
        Results.Json(new PageOf<TView>([.. page.Items.Select(view)], page.Next), ApiJson.Options);
}

/// <summary>limit, cursor and q of a list.</summary>
internal sealed record ListParameters(int? Limit, string? Cursor, string? Q)
{
    public static ValueTask<ListParameters?> BindAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var (limit, cursor, q) = (query["limit"].ToString(), query["cursor"].ToString(), query["q"].ToString());
        // A cursor that is none of ours would begin again at the first page, and a client that follows it never end.
        return Number(limit) is var most && Number(cursor) is var after && (limit.Length == 0 || most is > 0) && (cursor.Length == 0 || after is not null)
            ? ValueTask.FromResult<ListParameters?>(new ListParameters(
                (int?)Math.Min(most ?? 0, int.MaxValue) is > 0 and var n ? n : null, cursor.Length > 0 ? cursor : null, q.Length > 0 ? q : null))
            : throw new BadHttpRequestException("limit is a number from 1 to 500, cursor is what the page before called next.");
    }

    private static long? Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    public ListQuery ToQuery() => new(
        Limit ?? 100, long.TryParse(Cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var after) ? after : null, Q);
}
