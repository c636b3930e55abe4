using System.ComponentModel.DataAnnotations;

namespace SaaS.Web.Auth;

/// <summary>Where Api listens, as seen from this process (never shown to a browser).</summary>
public sealed class ApiOptions
{
    [Required]
    public Uri BaseUrl { get; set; } = new("http://127.0.0.1:8081");

    /// <summary>OAuth client of this application at Api.</summary>
    [Required]
    public string ClientId { get; set; } = "webmail";

    /// <summary>Only when Api registered the client with a secret; PKCE protects the code flow either way.</summary>
    public string? ClientSecret { get; set; }
}
