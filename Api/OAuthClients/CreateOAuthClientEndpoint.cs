using SaaS.Api.Hosting;
using SaaS.Client.OAuthClients;

namespace SaaS.Api.OAuthClients;

internal static class CreateOAuthClientEndpoint
{
    public static async Task<IResult> HandleAsync(CreateOAuthClient body, HttpContext context, OAuthClientService clients, CancellationToken ct)
    {
        var made = await clients.CreateAsync(body, ct);
        return made.Ok
            ? context.Made($"/v1/oauth-clients/{made.Value.Client.ClientId}", made.Value, "1")
            : context.Refused(made.Refusal);
    }
}
