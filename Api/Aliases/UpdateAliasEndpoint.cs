using SaaS.Api.Hosting;
using SaaS.Client.Aliases;
using SaaS.Domain.Aliases;

namespace SaaS.Api.Aliases;

internal static class UpdateAliasEndpoint
{
    public static async Task<IResult> HandleAsync(
        long id, UpdateAlias body, HttpContext context, AliasService aliases, CancellationToken ct) =>
        AliasMapping.Answer(context, await aliases.UpdateAsync(id, new AliasChange(body.Targets, body.Enabled), context.IfMatch(), ct));
}
