using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;

namespace SaaS.Web.Webmail.Reading;

/// <summary>
/// Addresses of images in a message frame. The frame has no cookies and no origin, so the address itself is the
/// permission: encrypted, bound to one image, and good for some hours.
/// </summary>
public sealed class ImageLinks(IDataProtectionProvider protection, TimeProvider clock)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);
    private readonly IDataProtector _protector = protection.CreateProtector("Web.Webmail.ImageLinks.v1");

    public string Remote(Uri origin, string url) => Make(origin, $"r\n{url}");

    public string Inline(Uri origin, string session, string blobId, string type) => Make(origin, $"b\n{session}\n{blobId}\n{type}");

    internal string[]? Read(string token)
    {
        try
        {
            var parts = System.Text.Encoding.UTF8.GetString(_protector.Unprotect(WebEncoders.Base64UrlDecode(token))).Split('\n');
            return parts.Length > 2 && long.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture) > clock.GetUtcNow().ToUnixTimeSeconds()
                ? parts[1..]
                : null;
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }
    }

    private string Make(Uri origin, string what)
    {
        var until = (clock.GetUtcNow() + Lifetime).ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);
        var token = WebEncoders.Base64UrlEncode(_protector.Protect(System.Text.Encoding.UTF8.GetBytes($"{until}\n{what}")));
        return new Uri(origin, "/mail/image/" + token).AbsoluteUri;
    }
}
