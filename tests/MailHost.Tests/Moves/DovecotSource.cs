using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using MailKit.Net.Imap;
using MailKit.Security;

namespace SaaS.MailHost.Tests.Moves;

/// <summary>Debian's Dovecot as the old platform: Maildir++ with the prefix "INBOX." and "." between levels, master user "root", password "old" for all.</summary>
internal sealed class DovecotSource : IAsyncDisposable
{
    private readonly string _folder = Path.Combine("/var/tmp", $"move-source-{Guid.NewGuid():N}"[..24]);

    public int Port { get; } = FreePort();

    public static bool CanRun => Environment.UserName == "root" && File.Exists("/usr/sbin/dovecot") && File.Exists("/usr/lib/dovecot/imap");

    public static async Task<DovecotSource> StartAsync()
    {
        var source = new DovecotSource();
        Directory.CreateDirectory(Path.Combine(source._folder, "run"));
        Directory.CreateDirectory(Path.Combine(source._folder, "mail"));
        await RunAsync("chmod", "755", source._folder);
        await RunAsync("chown", "-R", "mail:mail", Path.Combine(source._folder, "mail"));
        await File.WriteAllTextAsync(Path.Combine(source._folder, "master"), "root:{PLAIN}master\n");
        await File.WriteAllTextAsync(source.Config, $$"""
            base_dir = {{source._folder}}/run
            state_dir = {{source._folder}}/run
            log_path = {{source._folder}}/log
            protocols = imap
            listen = 127.0.0.1
            ssl = no
            disable_plaintext_auth = no
            mail_location = maildir:{{source._folder}}/mail/%n
            mail_uid = mail
            mail_gid = mail
            first_valid_uid = 1
            mail_fsync = never
            mail_max_userip_connections = 0
            auth_master_user_separator = *
            passdb {
              driver = passwd-file
              args = {{source._folder}}/master
              master = yes
              result_success = continue
            }
            passdb {
              driver = static
              args = password=old
            }
            userdb {
              driver = static
              args = uid=mail gid=mail home={{source._folder}}/mail/%n allow_all_users=yes
            }
            service imap-login {
              inet_listener imap {
                port = {{source.Port}}
              }
              inet_listener imaps {
                port = 0
              }
            }
            namespace inbox {
              inbox = yes
              prefix = INBOX.
              separator = .
              mailbox "Gesendete Objekte" {
                special_use = \Sent
              }
              mailbox Spam {
                special_use = \Junk
              }
            }

            """);
        await RunAsync("dovecot", "-c", source.Config);
        return source;
    }

    private string Config => Path.Combine(_folder, "dovecot.conf");

    /// <summary>Signed in as the user, as any mail program would be.</summary>
    public async Task<ImapClient> OpenAsync(string user, CancellationToken ct)
    {
        var client = new ImapClient();
        await client.ConnectAsync("127.0.0.1", Port, SecureSocketOptions.None, ct);
        await client.AuthenticateAsync(user, "old", ct);
        return client;
    }

    public async Task StopAsync() => await RunAsync("doveadm", "-c", Config, "stop");

    /// <summary>Another UIDVALIDITY and other UIDs for what stands in the inbox.</summary>
    public async Task RenumberAsync(string user)
    {
        foreach (var old in Directory.GetFiles(Path.Combine(_folder, "mail", user), "dovecot*").Where(f => Path.GetFileName(f) is not ("dovecot-keywords" or "dovecot.conf")))
        {
            File.Delete(old);
        }

        // The next is above this.
        var file = Path.Combine(_folder, "mail", user, "dovecot-uidvalidity");
        await File.WriteAllTextAsync(file, "7fffff00");
        await RunAsync("chown", "mail:mail", file);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$0\" \"$@\" >/dev/null 2>&1 </dev/null", program, .. arguments]))!;
        await process.WaitForExitAsync();
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
