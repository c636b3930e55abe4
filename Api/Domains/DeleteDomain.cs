using SaaS.Api.Hosting;
using SaaS.Domain.Common;
using SaaS.Domain.Domains;

namespace SaaS.Api.Domains;

internal static class DeleteDomain
{
    public static async Task<IResult> HandleAsync(long id, HttpContext context, DomainService domains, CancellationToken ct) =>
        context.Done(await domains.DeleteAsync(new DomainId(id), context.IfMatch(), ct));
}
