using System.Globalization;
using System.Net;
using SaaS.Domain.Common;
using SaaS.Domain.Limits;

namespace SaaS.Api.Hosting;

/// <summary>Tells every caller how much is left (RateLimit-* headers) and stops who has used it up.</summary>
internal sealed class RateLimitMiddleware(RequestDelegate next, RateLimits limits)
{
    public async Task InvokeAsync(HttpContext context, CurrentUser user)
    {
        var path = context.Request.Path;
        if (!path.StartsWithSegments("/v1", StringComparison.Ordinal) && !path.StartsWithSegments("/connect", StringComparison.Ordinal))
        {
            await next(context);
            return;
        }

        var (key, limit) = user.SignedIn
            ? ($"{user.ClientId} {user.Login}", limits.PerCaller)
            : ($"@{ClientNetwork.Prefix(context.Connection.RemoteIpAddress ?? IPAddress.None, 32, 64)}", limits.PerAddress);
        var (remaining, reset) = limits.Take(key, limit);
        var headers = context.Response.Headers;
        headers["RateLimit-Limit"] = limit.ToString(CultureInfo.InvariantCulture);
        headers["RateLimit-Remaining"] = Math.Max(0, remaining).ToString(CultureInfo.InvariantCulture);
        headers["RateLimit-Reset"] = reset.ToString(CultureInfo.InvariantCulture);
        if (remaining < 0)
        {
            headers.RetryAfter = reset.ToString(CultureInfo.InvariantCulture);
            await context.Refused(new Refusal(RefusalReason.RateLimited, "Too many requests; wait a little.")).ExecuteAsync(context);
            return;
        }

        await next(context);
    }
}
