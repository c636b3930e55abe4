using SaaS.Domain.Branding;

namespace SaaS.Api.Branding;

internal static class SetBrandLogo
{
    public static async Task<IResult> HandleAsync(long id, HttpContext context, BrandService brands, CancellationToken ct)
    {
        // One octet more than allowed is enough to know that it is too large.
        var image = new byte[BrandService.MaxLogoBytes + 1];
        var length = await context.Request.Body.ReadAtLeastAsync(image, image.Length, throwOnEndOfStream: false, ct);
        return BrandMapping.Answer(context, await brands.SetLogoAsync(id, image[..length], ct));
    }
}
