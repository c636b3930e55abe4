using SaaS.Api.Hosting;
using SaaS.Client.Http;

namespace SaaS.Api.OAuthClients;

internal static class RotateOAuthClientSecret
{
    public static async Task<IResult> HandleAsync(string clientId, HttpContext context, OAuthClientService clients, CancellationToken ct)
    {
        var rotated = await clients.RotateSecretAsync(clientId, ct);
        return rotated.Ok ? Results.Json(rotated.Value, ApiJson.Options) : context.Refused(rotated.Refusal);
    }
}
