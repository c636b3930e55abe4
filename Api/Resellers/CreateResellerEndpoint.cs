using SaaS.Api.Hosting;
using SaaS.Client.Resellers;
using SaaS.Domain.Resellers;

namespace SaaS.Api.Resellers;

internal static class CreateResellerEndpoint
{
    public static async Task<IResult> HandleAsync(
        CreateReseller body, HttpContext context, ResellerService resellers, CancellationToken ct)
    {
        var made = await resellers.CreateAsync(new NewReseller(body.Name, body.MaxTenants, body.MaxAccounts), ct);
        return made.Ok
            ? ResellerMapping.Answer(context, await resellers.GetAsync(made.Value.Id, ct), $"/v1/resellers/{made.Value.Id}")
            : context.Refused(made.Refusal);
    }
}
