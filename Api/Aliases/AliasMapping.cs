using SaaS.Api.Hosting;
using SaaS.Client.Aliases;
using SaaS.Domain.Aliases;
using SaaS.Domain.Common;

namespace SaaS.Api.Aliases;

/// <summary>What of it crosses HTTP.</summary>
internal static class AliasMapping
{
    public static AliasView ToView(Alias x) => new(
        x.Id, x.TenantId.Value, x.DomainId.Value, x.Address, x.Targets, x.Enabled, x.CreatedAt, Answers.Version(x.Version));

    /// <summary>The object with its ETag; 201 where it was made at a location.</summary>
    public static IResult Answer(HttpContext context, Outcome<Alias> found, string? location = null) =>
        !found.Ok ? context.Refused(found.Refusal)
        : location is null ? context.Found(ToView(found.Value), Answers.Version(found.Value.Version))
        : context.Made(location, ToView(found.Value), Answers.Version(found.Value.Version));
}
