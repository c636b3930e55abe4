using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;

namespace SaaS.MailHost.Net;

/// <summary>The certificate of all TLS listeners: from the configured PEM files, else a self-signed one in Data:Path. Looks for changed files
/// at most every ten seconds, so that a renewal needs no restart.</summary>
internal sealed class Certificates(
    IOptions<TlsOptions> tls, IOptions<DataOptions> data, IOptions<MailHostOptions> host, TimeProvider clock, ILogger<Certificates> log)
{
    private static readonly TimeSpan Recheck = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private SslServerAuthenticationOptions? _options;
    private DateTime _written;
    private long _checked;

    private string CertificatePath => tls.Value.CertificatePath ?? Path.Combine(data.Value.Path, "tls", "certificate.pem");

    private string KeyPath => tls.Value.KeyPath ?? Path.Combine(data.Value.Path, "tls", "key.pem");

    /// <summary>Shared by the handshakes until the files change. Never null and throws only where there never was a usable certificate.</summary>
    public SslServerAuthenticationOptions ServerOptions()
    {
        if (_options is { } current && clock.GetElapsedTime(Volatile.Read(ref _checked)) < Recheck)
        {
            return current;
        }

        lock (_lock)
        {
            Volatile.Write(ref _checked, clock.GetTimestamp());
            if (tls.Value.CertificatePath is null && !File.Exists(CertificatePath))
            {
                MakeSelfSigned();
            }

            var written = File.GetLastWriteTimeUtc(CertificatePath);
            if (_options is { } same && written == _written)
            {
                return same;
            }

            try
            {
                _options = Load();
                _written = written;
            }
            catch (Exception e) when (_options is not null && e is CryptographicException or IOException)
            {
                log.CertificateUnreadable(e, CertificatePath);
            }

            return _options!;
        }
    }

    private SslServerAuthenticationOptions Load()
    {
        var certificate = X509Certificate2.CreateFromPemFile(CertificatePath, KeyPath);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(CertificatePath);
        log.CertificateLoaded(CertificatePath, certificate.Subject, certificate.NotAfter);
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ClientCertificateRequired = false,
        };
    }

    private void MakeSelfSigned()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(CertificatePath)!);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host.Value.Name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host.Value.Name);
        if (host.Value.Name != "localhost")
        {
            names.AddDnsName("localhost");
        }

        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        var now = clock.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(5));

        // The key first and each by rename: another process on the same folder sees a whole pair or none.
        var temporary = KeyPath + "." + Environment.ProcessId;
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(temporary, options))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
        }

        File.Move(temporary, KeyPath, overwrite: true);
        File.WriteAllText(temporary, certificate.ExportCertificatePem());
        File.Move(temporary, CertificatePath, overwrite: true);
    }
}
