using System.IO.Compression;
using System.Text;
using SaaS.Client.Jmap;

namespace SaaS.Web.Webmail.Reading;

/// <summary>Attachments, up and down, streamed with the user's token; the browser shows its cookie only.</summary>
internal static class BlobEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/mail/upload", UploadAsync).RequireAuthorization().DisableAntiforgery();
        routes.MapGet("/mail/download/{blobId}/{name}", DownloadAsync).RequireAuthorization();
        routes.MapGet("/mail/download-all/{emailId}", DownloadAllAsync).RequireAuthorization();
        routes.MapGet("/mail/source/{blobId}", SourceAsync).RequireAuthorization();
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

    /// <summary>The message as it came, as plain text.</summary>
    private static async Task<IResult> SourceAsync(string blobId, HttpContext context, JmapClient jmap)
    {
        try
        {
            await using var blob = await jmap.DownloadAsync(blobId, "message.txt", "text/plain", context.RequestAborted);
            context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
            context.Response.Headers.XContentTypeOptions = "nosniff";
            context.Response.Headers.CacheControl = "private, no-store";
            context.Response.ContentType = "text/plain; charset=utf-8";
            await blob.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
            return Results.Empty;
        }
        catch (JmapRequestException e)
        {
            return Results.StatusCode((int)e.Status);
        }
    }

    /// <summary>Every attachment of a message in one archive, written as it is read: nothing is kept.</summary>
    private static async Task<IResult> DownloadAllAsync(string emailId, HttpContext context, JmapClient jmap)
    {
        try
        {
            var found = await jmap.GetEmailsAsync(JmapIds.Of([emailId]), ["id", "subject", "attachments"], ct: context.RequestAborted);
            if (found.List.Front() is not { Attachments: { Count: > 0 } files } email)
            {
                return Results.NotFound();
            }

            context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
            context.Response.Headers.CacheControl = "private, no-store";
            context.Response.ContentType = "application/zip";
            var disposition = new Microsoft.Net.Http.Headers.ContentDispositionHeaderValue("attachment");
            disposition.SetHttpFileName(FileName(email.Subject, "attachments") + ".zip");
            context.Response.Headers.ContentDisposition = disposition.ToString();
            var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            await using var zip = await ZipArchive.CreateAsync(
                context.Response.Body, ZipArchiveMode.Create, leaveOpen: true, Encoding.UTF8, context.RequestAborted);
            foreach (var file in files.Where(f => f.BlobId is not null))
            {
                var name = FileName(file.Name, "attachment");
                for (var n = 2; !taken.Add(name); n++)
                {
                    name = $"{Path.GetFileNameWithoutExtension(FileName(file.Name, "attachment"))} ({n}){Path.GetExtension(FileName(file.Name, "attachment"))}";
                }

                await using var blob = await jmap.DownloadAsync(file.BlobId!, name, "application/octet-stream", context.RequestAborted);
                await using var entry = await zip.CreateEntry(name, CompressionLevel.Fastest).OpenAsync(context.RequestAborted);
                await blob.Content.CopyToAsync(entry, context.RequestAborted);
            }

            return Results.Empty;
        }
        catch (JmapRequestException e) when (!context.Response.HasStarted)
        {
            return Results.StatusCode((int)e.Status);
        }
    }

    /// <summary>A sender's name for a file as one that no archive program takes for a path.</summary>
    private static string FileName(string? name, string otherwise)
    {
        var kept = new string([.. (name ?? "").Where(c => !char.IsControl(c) && c is not ('/' or '\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|'))]).Trim().Trim('.');
        return kept.Length == 0 ? otherwise : kept.Length > 120 ? kept[..120] : kept;
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
