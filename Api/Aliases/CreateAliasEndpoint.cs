using SaaS.Client.Aliases;
using SaaS.Domain.Aliases;

namespace SaaS.Api.Aliases;

internal static class CreateAliasEndpoint
{
    public static async Task<IResult> HandleAsync(
        CreateAlias body, HttpContext context, AliasService aliases, CancellationToken ct)
    {
        var made = await aliases.CreateAsync(body.Address, body.Targets ?? [], ct);
        return AliasMapping.Answer(context, made, made.Ok ? $"/v1/aliases/{made.Value.Id}" : null);
    }
}
