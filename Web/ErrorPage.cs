namespace SaaS.Web;

/// <summary>What a browser sees when a page could not be made at all, for instance while Api is still starting.</summary>
internal static class ErrorPage
{
    public static void UseErrorPage(this WebApplication app) => app.UseExceptionHandler(error => error.Run(async context =>
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.RetryAfter = "5";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentType = "text/html; charset=utf-8";
        await context.Response.WriteAsync(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta http-equiv=\"refresh\" content=\"5\">"
            + "<meta name=\"viewport\" content=\"width=device-width\"><title>One moment</title>"
            + "<link rel=\"stylesheet\" href=\"/css/tokens.css\"><link rel=\"stylesheet\" href=\"/css/frame.css\">"
            + "<script src=\"/js/theme.js\"></script></head><body><main class=\"state\"><h1 class=\"state-title\">One moment</h1>"
            + "<p class=\"state-text\">The service cannot answer right now. This page tries again by itself; nothing is lost.</p>"
            + "</main></body></html>");
    }));
}
