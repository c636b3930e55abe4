using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SaaS.Domain.LegacyPlatforms;
using SaaS.TestKit;
using Xunit;

namespace SaaS.MailHost.Tests.AccessProxy;

/// <summary>
/// Debian's Dovecot as the old platform, with IMAP, POP3, ManageSieve, LMTP and submission (which relays to a sink) on ports of its own. It knows old1 to
/// old9 with the password "old-secret", and the master user boss, "master-secret". It is started by root only.
/// </summary>
internal sealed class DovecotPlatform : IAsyncDisposable
{
    private readonly string _folder;

    private DovecotPlatform(string folder, SmtpSink sink, byte[] certificate) => (_folder, Sink, CertificateSha256) = (folder, sink, Convert.ToHexStringLower(SHA256.HashData(certificate)));

    /// <summary>Where its submission service relays to.</summary>
    public SmtpSink Sink { get; }

    public string CertificateSha256 { get; }

    public int Imap { get; } = FreePort();

    public int ImapProxied { get; } = FreePort();

    public int Imaps { get; } = FreePort();

    public int Pop3 { get; } = FreePort();

    public int Sieve { get; } = FreePort();

    public int Lmtp { get; } = FreePort();

    public int Submission { get; } = FreePort();

    public string Log => File.ReadAllText(Path.Combine(_folder, "log"));

    public LegacyEndpoints Endpoints => new()
    {
        Imap = At(Imap, LegacyTls.StartTls),
        Pop3 = At(Pop3, LegacyTls.StartTls),
        ManageSieve = At(Sieve, LegacyTls.StartTls),
        Submission = At(Submission, LegacyTls.StartTls),
        Delivery = At(Lmtp, LegacyTls.None),
        DeliveryByLmtp = true,
    };

    public static LegacyEndpoint At(int port, LegacyTls tls, bool proxy = false) => new("127.0.0.1", port, tls, proxy);

    /// <summary>Messages that lie in somebody's inbox there.</summary>
    public IReadOnlyList<string> Mail(string user)
    {
        var box = Path.Combine(_folder, "mail", user);
        return [.. new[] { "new", "cur" }.Select(d => Path.Combine(box, d)).Where(Directory.Exists).SelectMany(Directory.EnumerateFiles).Select(File.ReadAllText)];
    }

    public static async Task<DovecotPlatform> StartAsync()
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/dovecot") && Environment.UserName == "root", "Dovecot is not installed, or this is not root.");
        var folder = Directory.CreateTempSubdirectory("postyard-dovecot-").FullName;
        await RunAsync("/bin/chmod", "755", folder);
        foreach (var sub in new[] { "mail", "homes", "run", "state" })
        {
            Directory.CreateDirectory(Path.Combine(folder, sub));
        }

        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=legacy.test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
        await File.WriteAllTextAsync(Path.Combine(folder, "cert.pem"), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        await File.WriteAllLinesAsync(Path.Combine(folder, "users"), Enumerable.Range(1, 9).Select(i => $"old{i}:{{PLAIN}}old-secret:8:8::{folder}/homes/old{i}::"));
        await File.WriteAllTextAsync(Path.Combine(folder, "masters"), "boss:{PLAIN}master-secret\n");
        var sinkPort = FreePort();
        var platform = new DovecotPlatform(folder, new SmtpSink("127.0.0.1", sinkPort), certificate.RawData);
        await File.WriteAllTextAsync(Path.Combine(folder, "dovecot.conf"), platform.Configuration(sinkPort));
        await RunAsync("/bin/chown", "-R", "mail:mail", Path.Combine(folder, "mail"), Path.Combine(folder, "homes"));
        await RunAsync("/usr/sbin/dovecot", "-c", Path.Combine(folder, "dovecot.conf"));
        return platform;
    }

    /// <summary>Nobody listens there any more.</summary>
    public Task StopAsync() => RunAsync("/usr/bin/doveadm", "-c", Path.Combine(_folder, "dovecot.conf"), "stop");

    public async ValueTask DisposeAsync()
    {
        if (File.Exists(Path.Combine(_folder, "run/master.pid")))
        {
            await StopAsync();
        }

        await Sink.DisposeAsync();
        for (var tries = 0; ; tries++)
        {
            try
            {
                Directory.Delete(_folder, recursive: true);
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException && tries < 50)
            {
                await Task.Delay(50);
            }
        }
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private string Configuration(int sink) => string.Create(CultureInfo.InvariantCulture, $$"""
        base_dir = {{_folder}}/run
        state_dir = {{_folder}}/state
        log_path = {{_folder}}/log
        protocols = imap pop3 lmtp sieve submission
        listen = 127.0.0.1
        ssl = yes
        ssl_cert = <{{_folder}}/cert.pem
        ssl_key = <{{_folder}}/key.pem
        disable_plaintext_auth = no
        auth_mechanisms = plain login
        auth_master_user_separator = *
        login_trusted_networks = 127.0.0.0/8
        haproxy_trusted_networks = 127.0.0.0/8
        mail_location = maildir:{{_folder}}/mail/%n
        mail_uid = mail
        mail_gid = mail
        first_valid_uid = 1
        recipient_delimiter = +
        postmaster_address = postmaster@legacy.test
        submission_relay_host = 127.0.0.1
        submission_relay_port = {{sink}}
        passdb {
          driver = passwd-file
          master = yes
          args = scheme=PLAIN {{_folder}}/masters
        }
        passdb {
          driver = passwd-file
          args = scheme=PLAIN username_format=%n {{_folder}}/users
        }
        userdb {
          driver = passwd-file
          args = username_format=%n {{_folder}}/users
        }
        service imap-login {
          inet_listener imap {
            port = {{Imap}}
          }
          inet_listener imaps {
            port = {{Imaps}}
            ssl = yes
          }
          inet_listener imap_proxied {
            port = {{ImapProxied}}
            haproxy = yes
          }
        }
        service pop3-login {
          inet_listener pop3 {
            port = {{Pop3}}
          }
          inet_listener pop3s {
            port = 0
          }
        }
        service submission-login {
          inet_listener submission {
            port = {{Submission}}
          }
        }
        service managesieve-login {
          inet_listener sieve {
            port = {{Sieve}}
          }
        }
        service lmtp {
          inet_listener lmtp {
            port = {{Lmtp}}
          }
        }
        """);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, process.ExitCode == 0 ? "" : await errors);
    }
}
