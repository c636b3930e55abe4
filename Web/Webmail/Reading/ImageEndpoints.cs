using System.Net.Http.Headers;
using Microsoft.Extensions.Options;
using SaaS.Client.Jmap;
using SaaS.Web.Auth;

namespace SaaS.Web.Webmail.Reading;

/// <summary>Images of message frames. No cookie is read here: the signed address is the permission.</summary>
internal static class ImageEndpoints
{
    private const int MostInline = 10 * 1024 * 1024;

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/mail/image/{token}", ServeAsync).AllowAnonymous();

    private static async Task<IResult> ServeAsync(
        string token, HttpContext context, ImageLinks links, RemoteImages remote, SessionTokens tokens, IOptions<ApiOptions> api)
    {
        var what = links.Read(token);
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        headers.XContentTypeOptions = "nosniff";
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"; // the frame has an origin of its own
        if (what is ["r", var url])
        {
            var image = await remote.FetchAsync(url, context.RequestAborted);
            if (image is null)
            {
                return Results.NotFound();
            }

            headers.CacheControl = "private, max-age=43200";
            return Results.Bytes(image.Bytes, image.Type);
        }

        if (what is ["b", var session, var blob, var type] && RemoteImages.Types.Contains(type.ToLowerInvariant()))
        {
            var origin = new Uri(PublicOrigin.Of(context.Request));
            if (await tokens.AccessTokenAsync(session, origin, context.RequestAborted) is not { } access)
            {
                return Results.NotFound();
            }

            using var http = new HttpClient { BaseAddress = api.Value.BaseUrl };
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", access);
            http.DefaultRequestHeaders.TryAddWithoutValidation("X-Forwarded-Host", origin.Authority);
            http.DefaultRequestHeaders.TryAddWithoutValidation("X-Forwarded-Proto", origin.Scheme);
            var jmap = new JmapClient(http) { KeepToBaseAddress = true };
            try
            {
                await using var content = await jmap.DownloadAsync(blob, "image", type, context.RequestAborted);
                if (content.Length > MostInline)
                {
                    return Results.NotFound();
                }

                headers.CacheControl = "private, max-age=43200, immutable";
                context.Response.ContentType = type;
                await content.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
                return Results.Empty;
            }
            catch (Exception e) when (e is JmapRequestException or HttpRequestException)
            {
                return Results.NotFound();
            }
        }

        return Results.NotFound();
    }
}
