using SaaS.Api.Hosting;
using SaaS.Client.Branding;
using SaaS.Domain.Branding;
using SaaS.Domain.Common;

namespace SaaS.Api.Branding;

/// <summary>What of it crosses HTTP.</summary>
internal static class BrandMapping
{
    public static BrandView ToView(BrandSummary x) => new(
        x.Id, x.Reseller?.Value, x.Tenant?.Value, x.Name, x.PrimaryColor, x.AccentColor,
        x.HasLogo ? $"/v1/brands/{x.Id}/logo?v={x.Version}" : null, x.SupportUrl, x.Hosts, Answers.Version(x.Version));

    /// <summary>The object with its ETag; 201 where it was made at a location.</summary>
    public static IResult Answer(HttpContext context, Outcome<BrandSummary> found, string? location = null) =>
        !found.Ok ? context.Refused(found.Refusal)
        : location is null ? context.Found(ToView(found.Value), Answers.Version(found.Value.Version))
        : context.Made(location, ToView(found.Value), Answers.Version(found.Value.Version));

    public static BrandContent ToContent(SaveBrand body) => new(body.Name, body.PrimaryColor, body.AccentColor, body.SupportUrl);
}
