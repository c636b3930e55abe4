using SaaS.Api.Hosting;
using SaaS.Client.OAuthClients;
using SaaS.Domain.Common;

namespace SaaS.Api.OAuthClients;

internal static class ListOAuthClients
{
    public static async Task<IResult> HandleAsync(OAuthClientService clients, CancellationToken ct) =>
        new Page<OAuthClientView>(await clients.ListAsync(ct), null).List(x => x);
}
