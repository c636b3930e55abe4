using System.Net;

namespace SaaS.MailHost.Net;

/// <summary>Section Host.</summary>
internal sealed class MailHostOptions
{
    public const string Section = "Host";

    /// <summary>Our public host name, in banners, EHLO and Received. Default localhost.</summary>
    public string Name { get; set; } = "localhost";
}

/// <summary>Section Listen: holds for every listener of the process.</summary>
internal sealed class ListenerOptions
{
    public const string Section = "Listen";

    /// <summary>"localhost" (both loopbacks), "any", or one IP address.</summary>
    public string Address { get; set; } = "localhost";

    /// <summary>Connections that one address (IPv6: one /64) may hold per protocol; 0 = no limit.</summary>
    public int ConnectionsPerAddress { get; set; } = 100;

    /// <summary>Networks without that limit. Default: the loopbacks.</summary>
    public List<string> TrustedNetworks { get; set; } = [];

    internal IReadOnlyList<IPNetwork> Trusted =>
        TrustedNetworks.Count == 0
            ? [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")]
            : [.. TrustedNetworks.Select(n => IPNetwork.Parse(n))];
}

/// <summary>Section Tls.</summary>
internal sealed class TlsOptions
{
    public const string Section = "Tls";

    /// <summary>PEM file with the certificate and its chain. Unset: a self-signed one is made in Data:Path.</summary>
    public string? CertificatePath { get; set; }

    /// <summary>PEM file with its private key.</summary>
    public string? KeyPath { get; set; }

    /// <summary>How long a TLS handshake may take.</summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(30);
}

/// <summary>Section Data.</summary>
internal sealed class DataOptions
{
    public const string Section = "Data";

    /// <summary>Folder for spool files and the self-signed certificate; made when missing.</summary>
    public string Path { get; set; } = ".data";

    /// <summary>Where messages above the memory threshold lie while they are received.</summary>
    public string SpoolPath => System.IO.Path.Combine(Path, "spool");
}

/// <summary>Section Auth.</summary>
internal sealed class AuthOptions
{
    public const string Section = "Auth";

    /// <summary>Lets passwords cross the wire unencrypted. For load tools on loopback only.</summary>
    public bool AllowPlaintextAuth { get; set; }

    /// <summary>
    /// Offers SCRAM-SHA-256. Default true. Accounts that came with a hash have no keys for it until their password was seen once, at the web or by
    /// PLAIN; as some programs try nothing else where it is offered, switch it off until most have been seen.
    /// </summary>
    public bool OfferScram { get; set; } = true;
}

/// <summary>Section Drain: what happens between SIGTERM and exit.</summary>
internal sealed class DrainOptions
{
    public const string Section = "Drain";

    /// <summary>How long readiness says no before the listeners close, so that a load balancer notices.</summary>
    public TimeSpan ReadyDelay { get; set; } = TimeSpan.Zero;

    /// <summary>How long open connections may finish what they do before they are cut.</summary>
    public TimeSpan Limit { get; set; } = TimeSpan.FromSeconds(20);
}
