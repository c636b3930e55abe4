namespace SaaS.Web;

internal static class SecurityHeaders
{
    // style-src has 'unsafe-inline' for the components' style attributes; scripts have no such door.
    private const string Policy =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        + "font-src 'self'; connect-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'self'; "
        + "form-action 'self'; frame-ancestors 'none'";

    private static readonly string[] OfApi = ["/connect", "/jmap", "/v1", "/dav", "/.well-known", "/openapi", "/reference", "/scalar"];

    /// <summary>Headers for our own pages; what is forwarded keeps those that Api set.</summary>
    public static void UseSecurityHeaders(this WebApplication app) => app.Use((context, next) =>
    {
        var headers = context.Response.Headers;
        context.Response.OnStarting(Whole, context);
        if (!Array.Exists(OfApi, p => context.Request.Path.StartsWithSegments(p, StringComparison.OrdinalIgnoreCase)))
        {
            headers.ContentSecurityPolicy = Policy;
            headers["Referrer-Policy"] = "same-origin";
            headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
        }

        return next(context);
    });

    // Set as the answer starts, so that what Api says too is said once.
    private static Task Whole(object state)
    {
        var context = (HttpContext)state;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (context.Request.IsHttps)
        {
            context.Response.Headers.StrictTransportSecurity = "max-age=31536000";
        }

        return Task.CompletedTask;
    }
}
