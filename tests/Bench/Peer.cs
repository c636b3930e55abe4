using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SaaS.Bench;

/// <summary>
/// Debian's Postfix and Dovecot, privately configured in a temporary folder on high ports of loopback, fsync on: SMTP in, LMTP to mdbox,
/// IMAP. Needs root (Dovecot's own processes) and the packages postfix, dovecot-imapd and dovecot-lmtpd.
/// </summary>
internal sealed class Peer : IDisposable
{
    private readonly string _folder = Path.Combine("/var/tmp", $"bench-peer-{Environment.ProcessId}");
    private readonly string _format;
    private int _dovecot;
    private long _logRead;
    private string _logRest = "";
    private long _stored;

    private Peer(string format)
    {
        _format = format;
        SmtpPort = FreePort();
        ImapPort = FreePort();
        LmtpPort = FreePort();
    }

    public int SmtpPort { get; }
    public int ImapPort { get; }
    public int LmtpPort { get; }
    public string Smtp => $"127.0.0.1:{SmtpPort}";
    public string Imap => $"127.0.0.1:{ImapPort}";

    /// <summary>CPU seconds of all of the peer's processes so far.</summary>
    public double Cpu() => Processes.Cpu(MasterPid("dovecot/run/master.pid")) + Processes.Cpu(MasterPid("postfix/spool/pid/master.pid"));

    /// <summary>The same of Dovecot alone.</summary>
    public double ImapCpu() => Processes.Cpu(_dovecot);

    /// <summary>Null, with a line that says why, where it cannot run here.</summary>
    /// <param name="format">mdbox, sdbox or maildir.</param>
    public static Peer? Start(string format = "mdbox")
    {
        if (Environment.UserName != "root" || !File.Exists("/usr/sbin/dovecot") || !File.Exists("/usr/sbin/postfix"))
        {
            Console.WriteLine("No peer beside: that needs root and the packages postfix, dovecot-imapd, dovecot-lmtpd.");
            return null;
        }

        var peer = new Peer(format);
        try
        {
            peer.StartDovecot();
            peer.StartPostfix();
            return peer;
        }
        catch (Exception e) when (e is InvalidOperationException or IOException)
        {
            Console.WriteLine($"No peer beside: {e.Message}");
            peer.Dispose();
            return null;
        }
    }

    /// <summary>Messages that have come to mailboxes so far: the lines that say so in a log that is read on from where it was read last.</summary>
    public long Stored()
    {
        var log = Path.Combine(_folder, "dovecot/lmtp.log");
        if (!File.Exists(log))
        {
            return 0;
        }

        using var stream = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Position = _logRead;
        using var reader = new StreamReader(stream);
        var text = _logRest + reader.ReadToEnd();
        _logRead = stream.Position;
        var whole = text.LastIndexOf('\n') + 1;
        _logRest = text[whole..];
        _stored += text.AsSpan(0, whole).Count("saved mail");
        return _stored;
    }

    public void Dispose()
    {
        TryRun("postfix", "-c", Path.Combine(_folder, "postfix/etc"), "stop");
        TryRun("doveadm", "-c", Path.Combine(_folder, "dovecot/dovecot.conf"), "stop");
        TryRun("rm", "-rf", _folder);
    }

    private void StartDovecot()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "dovecot/run"));
        Directory.CreateDirectory(Path.Combine(_folder, "mail"));
        Run("chmod", "755", _folder);
        Run("chown", "-R", "mail:mail", Path.Combine(_folder, "mail"));
        var config = Path.Combine(_folder, "dovecot/dovecot.conf");
        File.WriteAllText(config, $$"""
            base_dir = {{_folder}}/dovecot/run
            state_dir = {{_folder}}/dovecot/run
            log_path = {{_folder}}/dovecot/main.log
            info_log_path = {{_folder}}/dovecot/lmtp.log
            protocols = imap lmtp
            listen = 127.0.0.1
            ssl = no
            disable_plaintext_auth = no
            mail_location = {{_format}}:{{_folder}}/mail/%n
            mail_uid = mail
            mail_gid = mail
            first_valid_uid = 1
            default_client_limit = 20000
            default_process_limit = 8000
            mail_max_userip_connections = 0
            mail_fsync = optimized
            passdb {
              driver = static
              args = nopassword=y
            }
            userdb {
              driver = static
              args = uid=mail gid=mail home={{_folder}}/mail/%n allow_all_users=yes
            }
            service imap-login {
              service_count = 0
              inet_listener imap {
                port = {{ImapPort}}
              }
              inet_listener imaps {
                port = 0
              }
            }
            service lmtp {
              process_min_avail = 4
              inet_listener lmtp {
                port = {{LmtpPort}}
              }
            }
            protocol lmtp {
              auth_username_format = %Ln
            }
            namespace inbox {
              inbox = yes
            }

            """);
        Run("dovecot", "-c", config);
        _dovecot = MasterPid("dovecot/run/master.pid");
    }

    private void StartPostfix()
    {
        var etc = Path.Combine(_folder, "postfix/etc");
        Directory.CreateDirectory(etc);
        Directory.CreateDirectory(Path.Combine(_folder, "postfix/spool"));
        Directory.CreateDirectory(Path.Combine(_folder, "postfix/data"));
        Run("chown", "postfix", Path.Combine(_folder, "postfix/data"));
        File.WriteAllText(Path.Combine(etc, "main.cf"), $"""
            compatibility_level = 3.6
            queue_directory = {_folder}/postfix/spool
            data_directory = {_folder}/postfix/data
            command_directory = /usr/sbin
            daemon_directory = /usr/lib/postfix/sbin
            mail_owner = postfix
            setgid_group = postdrop
            myhostname = peer.test
            mydestination =
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            virtual_mailbox_domains = example.test
            virtual_transport = lmtp:inet:127.0.0.1:{LmtpPort}
            smtpd_relay_restrictions = reject_unauth_destination
            smtpd_client_connection_count_limit = 0
            smtpd_client_connection_rate_limit = 0
            lmtp_destination_concurrency_limit = 20
            virtual_destination_concurrency_limit = 20
            default_process_limit = 100
            maillog_file = {_folder}/postfix/spool/maillog
            maillog_file_prefixes = {_folder}
            alias_maps =
            alias_database =
            smtputf8_enable = no

            """);
        var services = File.ReadAllLines("/usr/share/postfix/master.cf.dist")
            .Select(l => l.StartsWith("smtp      inet", StringComparison.Ordinal)
                ? $"127.0.0.1:{SmtpPort} inet n - n - - smtpd"
                : l)
            .Where(l => !l.StartsWith('#'))
            .Select(l => l.Length > 0 && !char.IsWhiteSpace(l[0]) ? NoChroot(l) : l);
        File.WriteAllLines(Path.Combine(etc, "master.cf"), services);
        Run("postfix", "-c", etc, "start");
    }

    /// <summary>The fifth column: our queue folder has no files for a chroot.</summary>
    private static string NoChroot(string line)
    {
        var f = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (f.Length > 7)
        {
            f[4] = "n";
        }

        return string.Join(' ', f);
    }

    private int MasterPid(string file)
    {
        // Postfix holds a lock on its file, which .NET honours and cat does not.
        var path = Path.Combine(_folder, file);
        return File.Exists(path) && int.TryParse(Run("cat", path).Trim(), CultureInfo.InvariantCulture, out var pid) ? pid : -1;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static void TryRun(string program, params string[] arguments)
    {
        try
        {
            Run(program, arguments);
        }
        catch (InvalidOperationException)
        {
            // It was not running.
        }
    }

    private static string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";
        using var process = Process.Start(start) ?? throw new InvalidOperationException(program);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(60_000))
        {
            process.Kill();
            throw new InvalidOperationException($"{program} hangs");
        }

        // A daemon keeps the pipes open: what it wrote before its parent left is enough.
        error.Wait(500);
        output.Wait(500);
        return process.ExitCode == 0
            ? output.IsCompletedSuccessfully ? output.Result : ""
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {(error.IsCompletedSuccessfully ? error.Result : "")}");
    }
}
