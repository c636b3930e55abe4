using System.Net;
using Microsoft.Extensions.Options;
using SaaS.MailHost.AccessProxy;
using SaaS.MailHost.Sasl;

namespace SaaS.MailHost.Net;

internal static class NetServices
{
    public static IServiceCollection AddNet(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddValidated<MailHostOptions>(configuration, MailHostOptions.Section)
            .Validate(o => Uri.CheckHostName(o.Name) == UriHostNameType.Dns, "Host:Name is not a host name.");
        services.AddValidated<ListenerOptions>(configuration, ListenerOptions.Section)
            .Validate(o => o.ConnectionsPerAddress >= 0, "Listen:ConnectionsPerAddress must not be negative.")
            .Validate(o => o.TrustedNetworks.TrueForAll(n => IPNetwork.TryParse(n, out _)), "Listen:TrustedNetworks holds something that is no network (10.0.0.0/8).");
        services.AddValidated<TlsOptions>(configuration, TlsOptions.Section)
            .Validate(o => o.CertificatePath is null == o.KeyPath is null, "Tls:CertificatePath and Tls:KeyPath must be set together.")
            .Validate(o => o.CertificatePath is null || File.Exists(o.CertificatePath), "Tls:CertificatePath names no file.")
            .Validate(o => o.KeyPath is null || File.Exists(o.KeyPath), "Tls:KeyPath names no file.")
            .Validate(o => o.HandshakeTimeout > TimeSpan.Zero, "Tls:HandshakeTimeout must be above zero.");
        services.AddValidated<DataOptions>(configuration, DataOptions.Section)
            .Validate(o => CanMakeFolder(o.SpoolPath), "Data:Path cannot be written.");
        services.AddValidated<AuthOptions>(configuration, AuthOptions.Section);
        services.AddValidated<DrainOptions>(configuration, DrainOptions.Section)
            .Validate(o => o.ReadyDelay >= TimeSpan.Zero && o.Limit > TimeSpan.Zero, "Drain:ReadyDelay and Drain:Limit must not be negative.");
        services.AddSingleton<Certificates>();
        services.AddSingleton<ConnectionLimits>();
        services.AddSingleton<ConnectionDeadlines>();
        services.AddSingleton<ConnectionMetrics>();
        services.AddSingleton<ConnectionFrame>();
        services.AddSingleton<SaslServer>();
        services.AddAccessProxy(configuration);
        return services;
    }

    /// <summary>Options bound from their section and validated when the process starts.</summary>
    public static OptionsBuilder<T> AddValidated<T>(this IServiceCollection services, IConfiguration configuration, string section)
        where T : class =>
        services.AddOptions<T>().Bind(configuration.GetSection(section)).ValidateOnStart();

    private static bool CanMakeFolder(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
