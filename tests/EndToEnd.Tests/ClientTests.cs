using MailKit;
using SaaS.EndToEnd.Tests.Support;
using Xunit;

namespace SaaS.EndToEnd.Tests;

/// <summary>Programs that people read mail with.</summary>
[Collection(ServiceCollection.Name)]
public sealed class ClientTests(SharedService shared)
{
    private readonly Service _service = shared.Service;

    [Fact]
    public async Task Mbsync_mirrors_a_mailbox_both_ways()
    {
        var ct = TestContext.Current.CancellationToken;
        var mbsync = Tools.Need("mbsync");
        var folder = Directory.CreateTempSubdirectory("postyard-mbsync-").FullName;
        await _service.DeliverAsync(Service.Compose("stranger@remote.test", "u10@example.test", "Mirror me"), ct);
        Directory.CreateDirectory(Path.Combine(folder, "mail"));
        var (host, port) = _service.At("imaps");
        var config = Path.Combine(folder, "mbsyncrc");
        await File.WriteAllTextAsync(config, $"""
            IMAPAccount us
            Host {host}
            Port {port}
            User u10@example.test
            Pass secret
            SSLType IMAPS
            CertificateFile {Path.Combine(folder, "cert.pem")}

            IMAPStore far
            Account us

            MaildirStore near
            Path {folder}/mail/
            Inbox {folder}/mail/INBOX
            SubFolders Verbatim

            Channel all
            Far :far:
            Near :near:
            Patterns *
            Create Both
            Expunge Both
            SyncState *

            """, ct);
        await File.WriteAllTextAsync(Path.Combine(folder, "cert.pem"), await CertificateAsync(host, port, ct), ct);

        var (code, output) = await Tools.RunAsync(mbsync, ["-c", config, "all"], ct);
        Assert.True(code == 0, output);
        var mirrored = Assert.Single(
            Directory.EnumerateFiles(Path.Combine(folder, "mail/INBOX"), "*", SearchOption.AllDirectories),
            f => Path.GetFileName(Path.GetDirectoryName(f)) is "new" or "cur");
        Assert.Contains("Mirror me", await File.ReadAllTextAsync(mirrored, ct), StringComparison.Ordinal);

        await File.WriteAllTextAsync(
            Path.Combine(folder, "mail/Archive/new/1.local"), "From: me@example.test\r\nSubject: From here\r\n\r\nUp.\r\n".Replace("\r\n", "\n", StringComparison.Ordinal), ct);
        (code, output) = await Tools.RunAsync(mbsync, ["-c", config, "all"], ct);
        Assert.True(code == 0, output);
        using var imap = await _service.ImapAsync("u10@example.test", ct);
        var archive = (await imap.GetFolderAsync("Archive", ct))!;
        await archive.OpenAsync(FolderAccess.ReadOnly, ct);
        Assert.Equal(1, archive.Count);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Mutt_reads_a_message()
    {
        var ct = TestContext.Current.CancellationToken;
        var mutt = Tools.Need("mutt");
        await _service.DeliverAsync(Service.Compose("stranger@remote.test", "u11@example.test", "Seen by mutt", "What mutt shows"), ct);
        var folder = Directory.CreateTempSubdirectory("postyard-mutt-").FullName;
        var saved = Path.Combine(folder, "saved");
        await File.WriteAllTextAsync(Path.Combine(folder, "rc"), $"""
            set ssl_verify_host=no ssl_verify_dates=no ssl_starttls=yes ssl_force_tls=yes certificate_file={folder}/certs
            set imap_user=u11@example.test imap_pass=secret
            set folder=imaps://{_service["imaps"]}/ spoolfile=imaps://{_service["imaps"]}/INBOX
            set confirmcreate=no confirmappend=no delete=yes quit=yes mbox_type=mbox header_cache="" sleep_time=0 copy=no
            push "<copy-message>{saved}<enter><quit>"
            """, ct);
        var (host, port) = _service.At("imaps");
        await File.WriteAllTextAsync(Path.Combine(folder, "certs"), await CertificateAsync(host, port, ct), ct);

        // mutt wants a terminal; script gives it one.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        await Tools.RunAsync(
            Tools.Need("script"), ["-qec", $"{mutt} -n -F {folder}/rc", "/dev/null"], limit.Token, new Dictionary<string, string> { ["TERM"] = "xterm", ["HOME"] = folder });

        Assert.Contains("What mutt shows", await File.ReadAllTextAsync(saved, ct), StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Python_imaplib_appends_sorts_and_threads()
    {
        var ct = TestContext.Current.CancellationToken;
        var (host, port) = _service.At("imaps");
        var (code, output) = await Tools.RunAsync(Tools.Need("python3"), ["-c", $$"""
            import imaplib, ssl
            context = ssl._create_unverified_context()
            box = imaplib.IMAP4_SSL("{{host}}", {{port}}, ssl_context=context)
            for word in ("SORT", "THREAD=REFERENCES", "QUOTA", "METADATA", "MULTISEARCH", "NOTIFY", "UIDONLY"):
                assert word in box.capabilities, word
            box.login("u12@example.test", "secret")
            def message(subject, id, parent=None):
                parent = f"In-Reply-To: <{parent}@x>\r\n" if parent else ""
                return f"From: a@x.test\r\nSubject: {subject}\r\nMessage-ID: <{id}@x>\r\n{parent}\r\nHello.\r\n".encode()
            for m in (message("Plan", "a"), message("Lunch", "b"), message("Re: Plan", "c", "a")):
                assert box.append("Archive", None, None, m)[0] == "OK"
            assert box.select("Archive") == ("OK", [b"3"])
            assert box.sort("(SUBJECT)", "UTF-8", "ALL") == ("OK", [b"2 1 3"]), box.sort("(SUBJECT)", "UTF-8", "ALL")
            assert box.thread("REFERENCES", "UTF-8", "ALL") == ("OK", [b"(1 3)(2)"])
            assert box.uid("SEARCH", "SUBJECT", "lunch") == ("OK", [b"2"])
            assert box.getquotaroot("Archive")[0] == "OK"
            assert box.store("2", "+FLAGS", "(\\Deleted)")[0] == "OK"
            assert box.expunge() == ("OK", [b"2"])
            assert b"Hello." in box.fetch("1", "(BODY[TEXT])")[1][0][1]
            assert box.copy("1:2", "Sent")[0] == "OK"
            box.close()
            box.logout()
            print("done")
            """], ct);
        Assert.True(code == 0 && output.Contains("done", StringComparison.Ordinal), output);
    }

    private static async Task<string> CertificateAsync(string host, int port, CancellationToken ct)
    {
        using var tcp = new System.Net.Sockets.TcpClient();
        await tcp.ConnectAsync(host, port, ct);
        System.Security.Cryptography.X509Certificates.X509Certificate2? seen = null;
        await using var tls = new System.Net.Security.SslStream(tcp.GetStream(), false, (_, certificate, _, _) =>
        {
            seen = new System.Security.Cryptography.X509Certificates.X509Certificate2(certificate!);
            return true;
        });
        await tls.AuthenticateAsClientAsync("localhost");
        return seen!.ExportCertificatePem() + "\n";
    }
}
