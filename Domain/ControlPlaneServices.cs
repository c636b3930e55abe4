using Microsoft.Extensions.DependencyInjection;
using SaaS.Domain.Accounts;
using SaaS.Domain.Aliases;
using SaaS.Domain.Audit;
using SaaS.Domain.Branding;
using SaaS.Domain.Domains;
using SaaS.Domain.Groups;
using SaaS.Domain.Keys;
using SaaS.Domain.Limits;
using SaaS.Domain.Plans;
using SaaS.Domain.Resellers;
using SaaS.Domain.Settings;
using SaaS.Domain.Sharing;
using SaaS.Domain.Tenants;

namespace SaaS.Domain;

internal static class ControlPlaneServices
{
    /// <summary>Who owns what, and the rules about it.</summary>
    public static IServiceCollection AddControlPlane(this IServiceCollection services)
    {
        services.AddSingleton<PlatformQuery>();
        services.AddSingleton<UserDirectory>();
        services.AddSingleton<UserSessions>();
        services.AddSingleton<SecondFactors>();
        services.AddScoped<SignInPolicy>();
        services.AddSingleton<HostBrands>();
        services.AddSingleton<PlatformHosts>();
        services.AddSingleton<KeyProtection>();
        services.AddSingleton<ServerKeyStore>();
        services.AddSingleton<ProtectedKeyStore>();
        services.AddSingleton<ScramSecrets>();
        services.AddScoped<AppPasswordService>();
        services.AddSingleton<SharedCounters>();
        services.AddScoped<AuditLog>();
        services.AddScoped<AuditService>();
        services.AddScoped<PlanLimits>();
        services.AddScoped<Authority>();
        services.AddScoped<AddressBook>();
        services.AddScoped<ResellerService>();
        services.AddScoped<PlanService>();
        services.AddScoped<TenantService>();
        services.AddScoped<DkimKeyService>();
        services.AddScoped<DomainService>();
        services.AddScoped<AccountService>();
        services.AddScoped<UserService>();
        services.AddScoped<AliasService>();
        services.AddScoped<GroupService>();
        services.AddScoped<MemberService>();
        services.AddScoped<SettingsService>();
        services.AddScoped<BrandService>();
        services.AddScoped<DomainCheck>();
        return services;
    }
}
