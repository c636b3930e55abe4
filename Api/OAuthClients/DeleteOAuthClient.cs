using SaaS.Api.Hosting;

namespace SaaS.Api.OAuthClients;

internal static class DeleteOAuthClient
{
    public static async Task<IResult> HandleAsync(string clientId, HttpContext context, OAuthClientService clients, CancellationToken ct) =>
        context.Done(await clients.DeleteAsync(clientId, ct));
}
