using SaaS.Api.Hosting;
using SaaS.Domain.Aliases;

namespace SaaS.Api.Aliases;

internal static class DeleteAlias
{
    public static async Task<IResult> HandleAsync(long id, HttpContext context, AliasService aliases, CancellationToken ct) =>
        context.Done(await aliases.DeleteAsync(id, context.IfMatch(), ct));
}
