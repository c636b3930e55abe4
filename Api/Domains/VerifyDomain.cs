using SaaS.Api.Hosting;
using SaaS.Domain.Common;
using SaaS.Domain.Domains;

namespace SaaS.Api.Domains;

internal static class VerifyDomain
{
    public static async Task<IResult> HandleAsync(
        long id, HttpContext context, DomainCheck check, DomainService domains, CancellationToken ct)
    {
        var proven = await check.VerifyAsync(new DomainId(id), ct);
        return proven.Ok ? DomainMapping.Answer(context, await domains.GetAsync(new DomainId(id), ct)) : context.Refused(proven.Refusal);
    }
}
