using SaaS.Domain.Branding;

namespace SaaS.Api.Hosting;

/// <summary>
/// Serves only names that are the platform's or a customer's. The issuer, the addresses in a JMAP session and the redirects of a sign-in are built from the
/// request's host: a name that anybody may make up would put a stranger's host into them.
/// </summary>
internal sealed class KnownHostMiddleware(RequestDelegate next, HostBrands brands)
{
    public async Task InvokeAsync(HttpContext context)
    {
        // Probes and scrapers come by address.
        if (!context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal)
            && !context.Request.Path.StartsWithSegments("/metrics", StringComparison.Ordinal)
            && await brands.OfAsync(context.Request.Host.Host, context.RequestAborted) is { Known: false })
        {
            await Results.Problem("This name is not served here.", statusCode: StatusCodes.Status421MisdirectedRequest).ExecuteAsync(context);
            return;
        }

        await next(context);
    }
}
