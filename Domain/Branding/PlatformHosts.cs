using System.Net;
using Microsoft.Extensions.Configuration;
using SaaS.Domain.Common;

namespace SaaS.Domain.Branding;

/// <summary>
/// The host names that belong to the platform itself: Host:Name, Platform:Hosts, and this machine's loopback names. No brand can take one.
/// </summary>
public sealed class PlatformHosts
{
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);

    public PlatformHosts(IConfiguration configuration)
    {
        foreach (var name in (string?[])[configuration["Host:Name"], .. configuration.GetSection("Platform:Hosts").Get<string[]>() ?? []])
        {
            if (!string.IsNullOrWhiteSpace(name))
            {
                _names.Add(DomainName.TryNormalize(name.Trim(), out var normal) ? normal : name.Trim());
            }
        }

        AllowAny = configuration.GetValue<bool>("Platform:AllowAnyHost");
        MailHost = configuration["Host:Name"] is { Length: > 0 } host ? host : "localhost";
    }

    /// <summary>Platform:AllowAnyHost: every name that a request carries is served under the default brand. For trials only.</summary>
    public bool AllowAny { get; }

    /// <summary>Host:Name; the name that customers' DNS records lead to.</summary>
    public string MailHost { get; }

    /// <summary>Named in the configuration: shows the platform's brand whatever a row says.</summary>
    public bool IsNamed(string host) => _names.Contains(host);

    public bool Has(string host) => _names.Contains(host) || IsLoopback(host);

    /// <summary>One of ours, above one, or below one: only an operator gives such a name to a brand.</summary>
    public bool IsNear(string host) => Has(host) || _names.Any(x =>
        x.EndsWith("." + host, StringComparison.OrdinalIgnoreCase) || host.EndsWith("." + x, StringComparison.OrdinalIgnoreCase));

    // A browser that is sent to such a name talks to its own machine, so it gives an attacker nothing.
    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
