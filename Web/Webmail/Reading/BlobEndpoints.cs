using SaaS.Client.Jmap;

namespace SaaS.Web.Webmail.Reading;

/// <summary>Attachments, up and down, streamed with the user's token; the browser shows its cookie only.</summary>
internal static class BlobEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/mail/upload", UploadAsync).RequireAuthorization().DisableAntiforgery();
        routes.MapGet("/mail/download/{blobId}/{name}", DownloadAsync).RequireAuthorization();
    }

    private static async Task<IResult> UploadAsync(HttpContext context, JmapClient jmap)
    {
        // Only our own script can set this header without a preflight that we never answer.
        if (context.Request.Headers["X-Upload"].Count == 0 || context.Request.Headers["Sec-Fetch-Site"].ToString() is "cross-site")
        {
            return Results.BadRequest();
        }

        try
        {
            var blob = await jmap.UploadAsync(
                context.Request.Body, context.Request.ContentType ?? "application/octet-stream", context.Request.ContentLength,
                ct: context.RequestAborted);
            return Results.Json(blob, JmapJson.Options);
        }
        catch (JmapRequestException e)
        {
            return Results.Problem(e.Detail, statusCode: (int)e.Status);
        }
    }

    private static async Task<IResult> DownloadAsync(string blobId, string name, string? type, HttpContext context, JmapClient jmap)
    {
        try
        {
            await using var blob = await jmap.DownloadAsync(blobId, name, "application/octet-stream", context.RequestAborted);
            context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
            context.Response.Headers.XContentTypeOptions = "nosniff";
            context.Response.Headers.CacheControl = "private, max-age=3600";

            // Pictures may open in the browser, inside a sandbox; everything else is saved.
            var safe = type is "image/png" or "image/jpeg" or "image/gif" or "image/webp";
            context.Response.ContentType = safe ? type : "application/octet-stream";
            var disposition = new Microsoft.Net.Http.Headers.ContentDispositionHeaderValue(safe && context.Request.Query.ContainsKey("view") ? "inline" : "attachment");
            disposition.SetHttpFileName(name);
            context.Response.Headers.ContentDisposition = disposition.ToString();
            context.Response.ContentLength = blob.Length;
            await blob.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
            return Results.Empty;
        }
        catch (JmapRequestException e)
        {
            return Results.StatusCode((int)e.Status);
        }
    }
}
