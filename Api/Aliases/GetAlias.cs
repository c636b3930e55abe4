using SaaS.Domain.Aliases;

namespace SaaS.Api.Aliases;

internal static class GetAlias
{
    public static async Task<IResult> HandleAsync(long id, HttpContext context, AliasService aliases, CancellationToken ct) =>
        AliasMapping.Answer(context, await aliases.GetAsync(id, ct));
}
