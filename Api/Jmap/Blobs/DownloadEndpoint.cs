using Microsoft.Net.Http.Headers;
using SaaS.Api.Jmap.Core;

namespace SaaS.Api.Jmap.Blobs;

/// <summary>GET /jmap/download/{accountId}/{blobId}/{name}?accept=type (RFC 8620 §6.2).</summary>
internal static class DownloadEndpoint
{
    public static async Task<IResult> HandleAsync(
        string accountId, string blobId, string name, string? accept, HttpContext http, JmapAccess access, BlobReader blobs, CancellationToken ct)
    {
        var caller = JmapCaller.Of(http.User);
        if (await access.FindAsync(caller, JmapIds.Account(accountId), ct) is not { Id: var account })
        {
            return JmapProblems.Plain(404, "No such account.");
        }

        if (!caller.MayRead)
        {
            return JmapProblems.Plain(403, "The token has not the scope for this.");
        }

        var stream = await blobs.OpenAsync(account, BlobId.Parse(blobId), ct);
        if (stream is null)
        {
            return JmapProblems.Plain(404, "No such blob.");
        }

        http.Response.RegisterForDisposeAsync(stream);
        var type = MediaTypeHeaderValue.TryParse(accept, out var parsed) && parsed.Type.HasValue ? parsed.ToString() : "application/octet-stream";

        // Whatever a stranger sent comes from our origin: it must neither run nor be sniffed, and is saved, never shown.
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "private, immutable, max-age=31536000";
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(name);
        headers.ContentDisposition = disposition.ToString();
        return Results.Stream(stream, type);
    }
}
