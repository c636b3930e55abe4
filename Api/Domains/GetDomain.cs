using SaaS.Domain.Common;
using SaaS.Domain.Domains;

namespace SaaS.Api.Domains;

internal static class GetDomain
{
    public static async Task<IResult> HandleAsync(long id, HttpContext context, DomainService domains, CancellationToken ct) =>
        DomainMapping.Answer(context, await domains.GetAsync(new DomainId(id), ct));
}
