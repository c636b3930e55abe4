using SaaS.Api.Hosting;
using SaaS.Client.Resellers;
using SaaS.Domain.Common;
using SaaS.Domain.Resellers;

namespace SaaS.Api.Resellers;

internal static class UpdateResellerEndpoint
{
    public static async Task<IResult> HandleAsync(
        long id, UpdateReseller body, HttpContext context, ResellerService resellers, CancellationToken ct)
    {
        var change = new ResellerChange(body.Name, body.Suspended, body.MaxTenants, body.MaxAccounts);
        var changed = await resellers.UpdateAsync(new ResellerId(id), change, context.IfMatch(), ct);
        return changed.Ok ? ResellerMapping.Answer(context, await resellers.GetAsync(new ResellerId(id), ct)) : context.Refused(changed.Refusal);
    }
}
