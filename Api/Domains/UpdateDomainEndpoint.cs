using SaaS.Api.Hosting;
using SaaS.Client.Domains;
using SaaS.Domain.Common;
using SaaS.Domain.Domains;

namespace SaaS.Api.Domains;

internal static class UpdateDomainEndpoint
{
    public static async Task<IResult> HandleAsync(
        long id, UpdateDomain body, HttpContext context, DomainService domains, CancellationToken ct)
    {
        var changed = await domains.UpdateAsync(new DomainId(id), new DomainChange(body.CatchAll, body.Suspended), context.IfMatch(), ct);
        return changed.Ok ? DomainMapping.Answer(context, await domains.GetAsync(new DomainId(id), ct)) : context.Refused(changed.Refusal);
    }
}
