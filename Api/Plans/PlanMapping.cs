using SaaS.Api.Hosting;
using SaaS.Client.Plans;
using SaaS.Domain.Common;
using SaaS.Domain.Plans;

namespace SaaS.Api.Plans;

/// <summary>What of it crosses HTTP.</summary>
internal static class PlanMapping
{
    public static PlanView ToView(PlanSummary x) => new(
        x.Plan.Id.Value, x.Plan.ResellerId?.Value, x.Plan.Name, x.Plan.AccountQuotaBytes, x.Plan.MaxAccounts, x.Plan.MaxDomains,
        x.Plan.MaxMessageBytes, x.Plan.SendPerDay, x.Tenants, x.Plan.CreatedAt, Answers.Version(x.Plan.Version));

    /// <summary>The object with its ETag; 201 where it was made at a location.</summary>
    public static IResult Answer(HttpContext context, Outcome<PlanSummary> found, string? location = null) =>
        !found.Ok ? context.Refused(found.Refusal)
        : location is null ? context.Found(ToView(found.Value), Answers.Version(found.Value.Plan.Version))
        : context.Made(location, ToView(found.Value), Answers.Version(found.Value.Plan.Version));
}
