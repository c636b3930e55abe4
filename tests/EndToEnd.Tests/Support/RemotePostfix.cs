namespace SaaS.EndToEnd.Tests.Support;

/// <summary>
/// Debian's Postfix as the mail server of remote.test: its own configuration and queue below a temporary folder, on a high port. It delivers
/// to friend@remote.test, into a Maildir, and knows nobody else. Postfix is started by root only, so there is none where the tests run as somebody else.
/// </summary>
internal sealed class RemotePostfix : IAsyncDisposable
{
    private readonly string _folder;

    private RemotePostfix(string folder, int port) => (_folder, Port) = (folder, port);

    public int Port { get; }

    public static async Task<RemotePostfix?> TryStartAsync()
    {
        if (!File.Exists("/usr/sbin/postfix") || Environment.UserName != "root")
        {
            return null;
        }

        var folder = Directory.CreateTempSubdirectory("postyard-postfix-").FullName;
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        var port = Tools.FreePort();
        foreach (var sub in new[] { "conf", "queue", "data", "mail" })
        {
            Directory.CreateDirectory(Path.Combine(folder, sub));
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "conf/main.cf"), $"""
            compatibility_level = 3.6
            queue_directory = {folder}/queue
            data_directory = {folder}/data
            maillog_file = {folder}/data/log
            maillog_file_prefixes = {folder}
            myhostname = mx.remote.test
            mydestination =
            mynetworks =
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            smtpd_relay_restrictions = reject_unauth_destination
            virtual_mailbox_domains = remote.test
            virtual_mailbox_base = {folder}/mail
            virtual_mailbox_maps = texthash:{folder}/conf/boxes
            virtual_uid_maps = static:8
            virtual_gid_maps = static:8
            virtual_minimum_uid = 1
            disable_dns_lookups = yes
            """);
        await File.WriteAllTextAsync(Path.Combine(folder, "conf/boxes"), "friend@remote.test friend/\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "conf/master.cf"), $"""
            127.0.0.1:{port} inet n - n - - smtpd
            cleanup unix n - n - 0 cleanup
            qmgr unix n - n 300 1 qmgr
            tlsmgr unix - - n 1000? 1 tlsmgr
            rewrite unix - - n - - trivial-rewrite
            bounce unix - - n - 0 bounce
            defer unix - - n - 0 bounce
            trace unix - - n - 0 bounce
            verify unix - - n - 1 verify
            proxymap unix - - n - - proxymap
            virtual unix - n n - - virtual
            smtp unix - - n - - smtp
            error unix - - n - - error
            retry unix - - n - - error
            anvil unix - - n - 1 anvil
            postlog unix-dgram n - n - 1 postlogd
            """ + "\n");
        await Tools.RunAsync("/bin/chown", ["-R", "mail", Path.Combine(folder, "mail")], CancellationToken.None);
        await Tools.RunAsync("/bin/chown", ["postfix", Path.Combine(folder, "data")], CancellationToken.None);
        var (code, output) = await Tools.RunAsync("/usr/sbin/postfix", ["-c", Path.Combine(folder, "conf"), "start"], CancellationToken.None);
        return code == 0 ? new RemotePostfix(folder, port) : throw new InvalidOperationException($"Postfix does not start: {output}");
    }

    /// <summary>Messages that lie in somebody's Maildir.</summary>
    public IReadOnlyList<string> Mail(string user)
    {
        var folder = Path.Combine(_folder, "mail", user, "new");
        return Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder).Select(File.ReadAllText)] : [];
    }

    public async ValueTask DisposeAsync()
    {
        await Tools.RunAsync("/usr/sbin/postfix", ["-c", Path.Combine(_folder, "conf"), "stop"], CancellationToken.None);
        Directory.Delete(_folder, recursive: true);
    }
}
