using SaaS.Api.Hosting;
using SaaS.Domain.Common;
using SaaS.Domain.Domains;

namespace SaaS.Api.Domains;

internal static class VouchDomain
{
    public static async Task<IResult> HandleAsync(long id, HttpContext context, DomainService domains, CancellationToken ct)
    {
        var proven = await domains.VouchAsync(new DomainId(id), ct);
        return proven.Ok ? DomainMapping.Answer(context, await domains.GetAsync(new DomainId(id), ct)) : context.Refused(proven.Refusal);
    }
}
