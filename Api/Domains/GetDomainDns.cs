using SaaS.Api.Hosting;
using SaaS.Client.Http;
using SaaS.Domain.Common;
using SaaS.Domain.Domains;

namespace SaaS.Api.Domains;

internal static class GetDomainDns
{
    public static async Task<IResult> HandleAsync(
        long id, HttpContext context, DomainCheck check, DomainService domains, TimeProvider time, CancellationToken ct)
    {
        var domain = await domains.GetAsync(new DomainId(id), ct);
        var records = domain.Ok ? await check.RecordsAsync(new DomainId(id), ct) : domain.Refusal;
        return records.Ok
            ? Results.Json(DomainMapping.ToReport(domain.Value!.Domain, records.Value, time.GetUtcNow()), ApiJson.Options)
            : context.Refused(records.Refusal);
    }
}
