using SaaS.Api.Hosting;
using SaaS.Client.Branding;
using SaaS.Domain.Branding;
using SaaS.Domain.Common;

namespace SaaS.Api.Branding;

/// <summary>What of it crosses HTTP.</summary>
internal static class BrandMapping
{
    public static BrandView ToView(BrandSummary x, PlatformHosts hosts) => new(
        x.Id, x.Reseller?.Value, x.Tenant?.Value, x.Name, x.PrimaryColor, x.AccentColor,
        x.HasLogo ? $"/v1/brands/{x.Id}/logo?v={x.Version}" : null, x.SupportUrl, x.Hosts,
        [.. x.Claims.Select(c => new BrandHostClaimView(
            c.Host, HostClaim.RecordOf(c.Host), HostClaim.ValueOf(c.Token), HostClaim.TargetOf(c.Token, hosts.MailHost)))],
        Answers.Version(x.Version));

    /// <summary>The object with its ETag; 201 where it was made at a location.</summary>
    public static IResult Answer(HttpContext context, Outcome<BrandSummary> found, string? location = null) =>
        !found.Ok ? context.Refused(found.Refusal)
        : location is null ? context.Found(View(context, found.Value), Answers.Version(found.Value.Version))
        : context.Made(location, View(context, found.Value), Answers.Version(found.Value.Version));

    private static BrandView View(HttpContext context, BrandSummary x) => ToView(x, context.RequestServices.GetRequiredService<PlatformHosts>());

    public static BrandContent ToContent(SaveBrand body) => new(body.Name, body.PrimaryColor, body.AccentColor, body.SupportUrl);
}
