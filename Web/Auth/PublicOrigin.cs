namespace SaaS.Web.Auth;

/// <summary>Says to Api under which public host (and so which brand and issuer) the browser reached us.</summary>
public static class PublicOrigin
{
    public static string Of(HttpRequest request) => $"{request.Scheme}://{request.Host.Value}";

    public static void Apply(HttpRequestMessage request, Uri origin)
    {
        request.Headers.Remove("X-Forwarded-Host");
        request.Headers.Remove("X-Forwarded-Proto");
        request.Headers.TryAddWithoutValidation("X-Forwarded-Host", origin.Authority);
        request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", origin.Scheme);
    }
}
