using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using SaaS.MailHost.Router;
using SaaS.MailHost.Smtp.Commands;
using SaaS.MailHost.Smtp.Extensions;

namespace SaaS.MailHost.Smtp;

internal static class SmtpServices
{
    /// <summary>An SMTP service with its own policy and limits: a keyed <see cref="SmtpServer"/>. May be called for several.</summary>
    /// <param name="services">Of the role.</param>
    /// <param name="configuration">Has the limits under <paramref name="section"/>.</param>
    /// <param name="name">mx, submission or lmtp.</param>
    /// <param name="section">Such as Smtp:Mx.</param>
    /// <param name="profile">Makes the profile.</param>
    public static IServiceCollection AddSmtp(
        this IServiceCollection services, IConfiguration configuration, string name, string section, Func<IServiceProvider, SmtpOptions, SmtpProfile> profile)
    {
        services.AddRouter(configuration);
        services.TryAddSingleton<SmtpMetrics>();
        services.TryAddSingleton<MessageIntake>();
        services.TryAddSingleton<ExtensionTable>();
        services.TryAddSingleton<AuthCommand>();
        services.TryAddSingleton<CommandTable>();
        services.TryAddSingleton(p => new Lazy<CommandTable>(p.GetRequiredService<CommandTable>));
        services.TryAddSingleton<SmtpEngine>();
        services.AddOptions<SmtpOptions>(name).Bind(configuration.GetSection(section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SmtpOptions>>(new Validation(name, section));
        services.AddKeyedSingleton(name, (p, _) => new SmtpServer(
            profile(p, p.GetRequiredService<IOptionsMonitor<SmtpOptions>>().Get(name)), p.GetRequiredService<SmtpEngine>()));
        return services;
    }

    private sealed class Validation(string name, string section) : IValidateOptions<SmtpOptions>
    {
        public ValidateOptionsResult Validate(string? optionsName, SmtpOptions options) =>
            optionsName != name ? ValidateOptionsResult.Skip
            : options.Fault() is { } fault ? ValidateOptionsResult.Fail($"{section}: {fault}")
            : ValidateOptionsResult.Success;
    }
}
