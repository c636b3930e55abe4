using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using SaaS.Api.Jmap.Core;
using SaaS.Domain.Messages;

namespace SaaS.Api.Jmap.Blobs;

/// <summary>POST /jmap/upload/{accountId}/ (RFC 8620 §6.1). Streams to a file above 256 KB; kept for 24 hours unless a message takes it.</summary>
internal static class UploadEndpoint
{
    public static async Task<IResult> HandleAsync(
        string accountId, HttpContext http, JmapAccess access, BlobReader blobs, Concurrency concurrency, IOptions<JmapOptions> options, TimeProvider clock,
        CancellationToken ct)
    {
        var caller = JmapCaller.Of(http.User);
        if (await access.FindAsync(caller, JmapIds.Account(accountId), ct) is not { Id: var account } usable)
        {
            return JmapProblems.Plain(404, "No such account.");
        }

        if (usable.IsReadOnly)
        {
            return JmapProblems.Plain(403, "This account is shared to be read only.");
        }

        if (!caller.MayRead && !caller.MaySend)
        {
            return JmapProblems.Plain(403, "The token has not the scope for this.");
        }

        var max = options.Value.MaxSizeUpload;
        if (http.Request.ContentLength > max)
        {
            return JmapProblems.Limit("maxSizeUpload", 413);
        }

        if (http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = max + 1;
        }

        using var place = await concurrency.EnterAsync(account, "upload", options.Value.MaxConcurrentUpload, options.Value.ConcurrencyWait, ct);
        if (place is null)
        {
            return JmapProblems.Limit("maxConcurrentUpload");
        }

        if (await blobs.TenantAsync(account, ct) is not { } tenant)
        {
            return JmapProblems.Plain(404, "No such account.");
        }

        await using var bytes = new MessageBytes();
        try
        {
            var buffer = new byte[64 * 1024];
            int read;
            while ((read = await http.Request.Body.ReadAsync(buffer, ct)) > 0)
            {
                bytes.Write(buffer.AsSpan(0, read));
                if (bytes.Length > max)
                {
                    return JmapProblems.Limit("maxSizeUpload", 413);
                }
            }
        }
        catch (BadHttpRequestException e)
        {
            return e.StatusCode == 413 ? JmapProblems.Limit("maxSizeUpload", 413) : JmapProblems.Plain(400, "The upload broke off.");
        }

        var type = http.Request.ContentType is { Length: > 0 and < 256 } given && MimeKit.ContentType.TryParse(given, out _)
            ? given
            : "application/octet-stream";
        var hash = await blobs.SaveUploadAsync(account, tenant, bytes, type, clock.GetUtcNow(), ct);
        return Results.Json(
            new JsonObject { ["accountId"] = accountId, ["blobId"] = BlobId.OfUpload(hash), ["type"] = type, ["size"] = bytes.Length },
            statusCode: 201);
    }
}
