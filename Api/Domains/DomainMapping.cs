using SaaS.Api.Hosting;
using SaaS.Client.Domains;
using SaaS.Domain.Common;
using SaaS.Domain.Domains;

namespace SaaS.Api.Domains;

/// <summary>What of it crosses HTTP.</summary>
internal static class DomainMapping
{
    public static DomainView ToView(DomainSummary x) => new(
        x.Domain.Id.Value, x.Domain.TenantId.Value, x.TenantName, x.Domain.Name, DomainName.ToUnicode(x.Domain.Name),
        (DomainStatus)x.Domain.State, $"{DomainService.ChallengeLabel}.{x.Domain.Name}", x.Domain.VerificationToken, x.Domain.CatchAll, x.Accounts,
        x.Aliases, x.Groups, x.Domain.VerifiedAt, x.Domain.CheckedAt, x.Domain.CreatedAt, Answers.Version(x.Domain.Version));

    /// <summary>The object with its ETag; 201 where it was made at a location.</summary>
    public static IResult Answer(HttpContext context, Outcome<DomainSummary> found, string? location = null) =>
        !found.Ok ? context.Refused(found.Refusal)
        : location is null ? context.Found(ToView(found.Value), Answers.Version(found.Value.Domain.Version))
        : context.Made(location, ToView(found.Value), Answers.Version(found.Value.Domain.Version));

    /// <summary>Ready: everything that mail needs is published.</summary>
    public static DnsReport ToReport(MailDomain domain, IReadOnlyList<DomainRecord> records, DateTimeOffset now) => new(
        domain.Name, now, records.All(r => !r.Required || r.State == RecordState.Ok),
        [.. records.Select(r => new DnsRecordView(
            r.Purpose, r.Type, r.Name, r.Value, r.Required, (DnsRecordState)r.State, r.Seen, r.Explanation))]);
}
