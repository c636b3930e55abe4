namespace SaaS.Api;

/// <summary>Every REST feature, one line each.</summary>
internal static class EndpointMap
{
    public static void MapRest(this WebApplication app)
    {
        _ = app;
    }
}
