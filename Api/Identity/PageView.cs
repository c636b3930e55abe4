using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.WebUtilities;
using SaaS.Domain.Branding;

namespace SaaS.Api.Identity;

/// <summary>What every page under /connect needs: the host's brand, the form token, and the nonce that lets its colours through the policy.</summary>
public sealed record PageView(ShownBrand Brand, string Host, string FormToken, string Nonce)
{
    public string Initial => Brand.Name.Length == 0 ? "?" : StringInfo.GetNextTextElement(Brand.Name).ToUpperInvariant();

    /// <summary>Colours come from a checked #rrggbb; the text on them is whichever of black and white is easier to read.</summary>
    public string Colours => $":root{{--primary:{Brand.PrimaryColor};--on-primary:{TextOn(Brand.PrimaryColor)};--accent:{Brand.AccentColor}}}";

    /// <summary>Prepares a page, and the headers that keep it alone: no script but ours, no frames, forms to us and on to the client only.</summary>
    /// <param name="context">The request.</param>
    /// <param name="returnUrl">The authorization request that goes on afterwards.</param>
    /// <param name="next">Where the page's form leads in the end, checked already.</param>
    /// <param name="script">The page has our own script (passkeys).</param>
    public static async Task<PageView> OfAsync(HttpContext context, string? returnUrl, string? next = null, bool script = false)
    {
        var brand = await context.RequestServices.GetRequiredService<HostBrands>().OfAsync(context.Request.Host.Host, context.RequestAborted);
        var tokens = context.RequestServices.GetRequiredService<IAntiforgery>().GetAndStoreTokens(context);
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy =
            $"default-src 'none'; {(script ? "script-src 'self'; connect-src 'self'; " : "")}style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; font-src 'self'; form-action 'self'{ClientOrigin(returnUrl)}{Origin(next)}; " +
            "frame-ancestors 'none'; base-uri 'none'";
        headers.XFrameOptions = "DENY";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-store";
        return new PageView(brand, context.Request.Host.Host, tokens.RequestToken ?? "", nonce);
    }

    /// <summary>Only our own authorization endpoint: anything else would make the sign-in page an open redirect.</summary>
    public static string? CheckReturnUrl(string? url) =>
        url is not null && (url == Authorize.Path || url.StartsWith(Authorize.Path + "?", StringComparison.Ordinal)) ? url : null;

    // Browsers hold a form's redirects to form-action too, so the client's own origin has to stand there.
    private static string ClientOrigin(string? returnUrl)
    {
        if (CheckReturnUrl(returnUrl) is not { } url
            || !QueryHelpers.ParseQuery(url[Authorize.Path.Length..]).TryGetValue("redirect_uri", out var redirect))
        {
            return "";
        }

        return Origin(redirect);
    }

    private static string Origin(string? address) =>
        !Uri.TryCreate(address, UriKind.Absolute, out var uri) ? ""
        : uri.Scheme is "http" or "https" ? " " + uri.GetLeftPart(UriPartial.Authority)
        : $" {uri.Scheme}:";

    private static string TextOn(string colour)
    {
        double Channel(int at)
        {
            var value = int.Parse(colour.AsSpan(at, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0;
            return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
        }

        // WCAG 2.2 relative luminance: white and black contrast alike at 0.179.
        return (0.2126 * Channel(1)) + (0.7152 * Channel(3)) + (0.0722 * Channel(5)) > 0.179 ? "#000" : "#fff";
    }
}
