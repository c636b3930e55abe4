using SaaS.Web.Auth;

namespace SaaS.Web.Theme;

internal static class ThemeServices
{
    public static void AddBranding(this IServiceCollection services)
    {
        services.AddSingleton<BrandCatalog>();
        services.AddScoped(sp => new CurrentBrand(sp.GetRequiredService<BrandCatalog>(), sp.GetRequiredService<ApiAccess>()));
    }
}

/// <summary>The brand of the host that this circuit or request came through.</summary>
public sealed class CurrentBrand
{
    private readonly BrandCatalog _catalog;
    private readonly ApiAccess _api;

    internal CurrentBrand(BrandCatalog catalog, ApiAccess api) => (_catalog, _api) = (catalog, api);

    public Task<BrandView> GetAsync() => _catalog.ForAsync(_api.Origin);
}
