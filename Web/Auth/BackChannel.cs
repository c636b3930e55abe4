namespace SaaS.Web.Auth;

/// <summary>
/// Calls of the OpenID Connect handler go straight to Api, in the name of the host that the browser used.
/// </summary>
internal sealed class BackChannel(IHttpContextAccessor contexts) : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false })
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (contexts.HttpContext is { } context)
        {
            PublicOrigin.Apply(request, new Uri(PublicOrigin.Of(context.Request)));
        }

        return base.SendAsync(request, cancellationToken);
    }
}
