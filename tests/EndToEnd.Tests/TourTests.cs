using System.Globalization;
using SaaS.EndToEnd.Tests.Support;
using Xunit;

namespace SaaS.EndToEnd.Tests;

/// <summary>Programs that fetch, send and script mail, each as its manual says.</summary>
[Collection(ServiceCollection.Name)]
public sealed class TourTests(SharedService shared) : IDisposable
{
    private readonly Service _service = shared.Service;
    private readonly string _folder = Directory.CreateTempSubdirectory("postyard-tour-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Imapflow_creates_appends_searches_idles_moves_and_deletes()
    {
        var (node, npm) = (Tools.Need("node"), Tools.Need("npm"));
        var tour = Path.Combine(Tools.Root, "tests/EndToEnd.Tests/Imapflow");
        var (code, output) = await Tools.RunAsync(npm, ["ci", "--prefix", tour, "--ignore-scripts", "--no-audit", "--no-fund"], Ct);
        Assert.True(code == 0, output);
        var (host, port) = _service.At("imaps");
        (code, output) = await RunAsync(node, Path.Combine(tour, "tour.js"), host, Text(port), "u20@example.test", "secret");
        Assert.True(code == 0 && output.Contains("done", StringComparison.Ordinal), output);
    }

    [Fact]
    public async Task Msmtp_sends_and_mpop_fetches_once()
    {
        var (msmtp, mpop) = (Tools.Need("msmtp"), Tools.Need("mpop"));
        var (host, port) = _service.At("smtp_submission");
        await ConfigureAsync("msmtprc", $"""
            account default
            host {host}
            port {port}
            tls on
            tls_starttls on
            tls_certcheck off
            auth on
            user u21@example.test
            password secret
            from u21@example.test

            """);
        var (code, output) = await Tools.RunAsync(
            msmtp, ["-C", Path.Combine(_folder, "msmtprc"), "u22@example.test"], Ct, input: "From: u21@example.test\nSubject: by msmtp\n\n.dot\nlast line\n");
        Assert.True(code == 0, output);

        (host, port) = _service.At("pop3s");
        var mail = Maildir("mpop");
        await ConfigureAsync("mpoprc", $"""
            account default
            host {host}
            port {port}
            tls on
            tls_starttls off
            tls_certcheck off
            user u22@example.test
            password secret
            keep on
            delivery maildir {mail}
            uidls_file {_folder}/uidls

            """);
        var fetched = await Tools.EventuallyAsync("message by mpop", TimeSpan.FromSeconds(20), async () =>
        {
            (code, output) = await RunAsync(mpop, "-C", Path.Combine(_folder, "mpoprc"));
            Assert.True(code == 0, output);
            return Directory.GetFiles(Path.Combine(mail, "new")).FirstOrDefault();
        });
        Assert.Contains("\n.dot\nlast line\n", await File.ReadAllTextAsync(fetched, Ct), StringComparison.Ordinal);

        // It knows what it has by UIDL.
        (code, output) = await RunAsync(mpop, "-C", Path.Combine(_folder, "mpoprc"));
        Assert.True(code == 0 && output.Contains("no messages", StringComparison.Ordinal), output);
        Assert.Single(Directory.GetFiles(Path.Combine(mail, "new")));
    }

    [Theory]
    [InlineData("pop3", "pop3s", "u23@example.test")]
    [InlineData("imap", "imaps", "u24@example.test")]
    public async Task Fetchmail_empties_an_inbox(string protocol, string service, string user)
    {
        var fetchmail = Tools.Need("fetchmail");
        await _service.DeliverAsync(Service.Compose("stranger@remote.test", user, "Fetch me", "Gone afterwards"), Ct);
        var (host, port) = _service.At(service);
        await ConfigureAsync("fetchmailrc", $"""
            poll {host} service {port} protocol {protocol} username "{user}" password "secret" ssl no sslcertck mda "cat >> {_folder}/mail" nokeep

            """);
        string[] arguments = ["-f", Path.Combine(_folder, "fetchmailrc"), "-i", Path.Combine(_folder, "ids"), "--pidfile", Path.Combine(_folder, "pid")];
        var (code, output) = await RunAsync(fetchmail, arguments);
        Assert.True(code == 0, output);
        Assert.Contains("Gone afterwards", await File.ReadAllTextAsync(Path.Combine(_folder, "mail"), Ct), StringComparison.Ordinal);

        // 1: there was none.
        (code, output) = await RunAsync(fetchmail, arguments);
        Assert.True(code == 1, output);
    }

    [Fact]
    public async Task Curl_speaks_all_three()
    {
        var curl = Tools.Need("curl");
        const string Login = "u25@example.test:secret";
        var message = Path.Combine(_folder, "message.eml");
        await File.WriteAllTextAsync(message, "From: u25@example.test\r\nSubject: by curl\r\n\r\nText of it\r\n", Ct);
        var (code, output) = await RunAsync(
            curl, "-sSk", "--ssl-reqd", "--url", $"smtp://{_service["smtp_submission"]}", "--user", Login, "--mail-from", "u25@example.test", "--mail-rcpt", "u25@example.test", "-T", message);
        Assert.True(code == 0, output);
        var imap = $"imaps://{_service["imaps"]}";
        await Tools.EventuallyAsync("message by curl", TimeSpan.FromSeconds(20), async () =>
        {
            (_, output) = await RunAsync(curl, "-sSk", "--user", Login, $"{imap}/INBOX?SUBJECT%20curl");
            return output.Contains("SEARCH 1", StringComparison.Ordinal) ? output : null;
        });
        (code, output) = await RunAsync(curl, "-sSk", "--user", Login, $"{imap}/INBOX;MAILINDEX=1;SECTION=TEXT");
        Assert.True(code == 0 && output == "Text of it\r\n", output);
        (code, output) = await RunAsync(curl, "-sSk", "--user", Login, "-T", message, $"{imap}/Archive");
        Assert.True(code == 0, output);
        (code, output) = await RunAsync(curl, "-sSk", "--user", Login, "-X", "STATUS Archive (MESSAGES)", imap + "/");
        Assert.Contains("STATUS Archive (MESSAGES 1)", output, StringComparison.Ordinal);
        (code, output) = await RunAsync(curl, "-sSk", "--user", Login, $"pop3s://{_service["pop3s"]}/1");
        Assert.EndsWith("\r\n\r\nText of it\r\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Python_sends_by_smtplib_and_fetches_by_poplib()
    {
        var (smtp, pop) = (_service.At("smtp_submission"), _service.At("pop3s"));
        var (code, output) = await RunAsync(Tools.Need("python3"), "-c", $$"""
            import poplib, smtplib, ssl, time
            context = ssl._create_unverified_context()
            with smtplib.SMTP("{{smtp.Host}}", {{smtp.Port}}) as client:
                client.starttls(context=context)
                client.login("u26@example.test", "secret")
                refused = client.sendmail("u26@example.test", ["u26@example.test", "nobody@example.test"], "From: u26@example.test\r\nSubject: by smtplib\r\n\r\n.\r\n..two\r\nlast\r\n")
                assert list(refused) == ["nobody@example.test"], refused
            for _ in range(200):
                box = poplib.POP3_SSL("{{pop.Host}}", {{pop.Port}}, context=context)
                assert "UIDL" in box.capa() and "TOP" in box.capa()
                box.user("u26@example.test")
                box.pass_("secret")
                if box.stat()[0]:
                    break
                box.quit()
                time.sleep(0.1)
            assert box.stat()[0] == 1
            assert box.retr(1)[1][-4:] == [b"", b".", b"..two", b"last"], box.retr(1)
            assert box.top(1, 1)[1][-1] == b"."
            assert box.uidl(1).startswith(b"+OK 1 ")
            box.dele(1)
            assert box.stat() == (0, 0)
            box.rset()
            box.dele(1)
            box.quit()
            box = poplib.POP3_SSL("{{pop.Host}}", {{pop.Port}}, context=context)
            box.user("u26@example.test")
            box.pass_("secret")
            assert box.stat() == (0, 0)
            box.quit()
            print("done")
            """);
        Assert.True(code == 0 && output.Contains("done", StringComparison.Ordinal), output);
    }

    /// <summary>Messages, flags, deletions and folders made on either side between two runs; a third run has nothing to do.</summary>
    [Fact]
    public async Task Mbsync_keeps_both_sides_the_same()
    {
        var mbsync = Tools.Need("mbsync");
        var (host, port) = _service.At("imaps");
        await File.WriteAllTextAsync(Path.Combine(_folder, "mbsyncrc"), $"""
            IMAPAccount us
            Host {host}
            Port {port}
            User u27@example.test
            Pass secret
            SSLType IMAPS
            CertificateFile {_folder}/cert.pem

            IMAPStore far
            Account us

            MaildirStore near
            Path {_folder}/near/
            Inbox {_folder}/near/INBOX
            SubFolders Verbatim

            Channel all
            Far :far:
            Near :near:
            Patterns *
            Create Both
            Remove Both
            Expunge Both
            SyncState *

            """, Ct);
        Directory.CreateDirectory(Path.Combine(_folder, "near"));
        var (code, output) = await RunAsync(Tools.Need("python3"), "-c", $$"""
            import glob, imaplib, os, ssl, subprocess
            os.chdir("{{_folder}}")
            open("cert.pem", "w").write(ssl.get_server_certificate(("{{host}}", {{port}})))
            def sync():
                run = subprocess.run(["{{mbsync}}", "-c", "mbsyncrc", "all"], capture_output=True, text=True, timeout=60)
                assert run.returncode == 0, run.stderr + run.stdout
            far = imaplib.IMAP4_SSL("{{host}}", {{port}}, ssl_context=ssl._create_unverified_context())
            far.login("u27@example.test", "secret")
            def message(subject):
                return f"From: a@b.test\r\nSubject: {subject}\r\nMessage-ID: <{subject}@b.test>\r\n\r\nx\r\n"
            def files():
                return [f for f in glob.glob("near/**", recursive=True) if os.path.isfile(f) and "mbsync" not in f]
            def one(subject):
                return [f for f in files() if f"Subject: {subject}\n" in open(f).read().replace("\r", "")][0]
            for n in range(4):
                far.append("INBOX", None, None, message(f"far{n}").encode())
            sync()
            assert len(files()) == 4, files()

            for sub in ("cur", "new", "tmp"):
                os.makedirs("near/Work/" + sub)
            open("near/Work/new/1.x", "w").write(message("nearwork").replace("\r", ""))
            open("near/INBOX/new/2.x", "w").write(message("near").replace("\r", ""))
            seen = one("far0")
            os.rename(seen, seen.replace("/new/", "/cur/").split(":2,")[0] + ":2,FRS")
            os.remove(one("far1"))
            far.select("INBOX")
            far.store("3", "+FLAGS", "(\\Flagged)")
            far.store("4", "+FLAGS", "(\\Deleted)")
            far.expunge()
            far.append("INBOX", None, None, message("farlater").encode())
            far.create("Far/Deep")
            sync()

            far.select("INBOX")
            fetched = far.fetch("1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
            there = {m[1].decode().strip()[9:]: m[0].decode().split("(FLAGS (")[1].split(")")[0] for m in fetched if isinstance(m, tuple)}
            assert there == {"far0": "\\Answered \\Flagged \\Seen", "far2": "\\Flagged", "farlater": "", "near": ""}, there
            assert one("far2").endswith("F") and os.path.isdir("near/Far/Deep")
            assert not [f for f in files() if "far1" in open(f).read() or "far3" in open(f).read()]
            assert far.select("Work") == ("OK", [b"1"])

            state = lambda: (far.status("INBOX", "(HIGHESTMODSEQ UIDNEXT)"), {f: os.stat(f).st_mtime for f in files()})
            before = state()
            sync()
            assert state() == before
            print("done")
            """);
        Assert.True(code == 0 && output.Contains("done", StringComparison.Ordinal), output);
    }

    [Fact]
    public async Task Offlineimap_mirrors_and_carries_flags_back()
    {
        var offlineimap = Tools.Need("offlineimap");
        var (host, port) = _service.At("imaps");
        await _service.DeliverAsync(Service.Compose("stranger@remote.test", "u28@example.test", "Mirror me"), Ct);
        var (code, fingerprint) = await Tools.RunAsync("/bin/sh", ["-c", $"openssl s_client -connect {host}:{port} </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha1"], Ct);
        Assert.True(code == 0, fingerprint);
        await ConfigureAsync("offlineimaprc", $"""
            [general]
            accounts = A
            ui = quiet
            metadata = {_folder}/state
            [Account A]
            localrepository = L
            remoterepository = R
            [Repository L]
            type = Maildir
            localfolders = {_folder}/mirror
            [Repository R]
            type = IMAP
            remotehost = {host}
            remoteport = {port}
            remoteuser = u28@example.test
            remotepass = secret
            ssl = yes
            cert_fingerprint = {string.Concat(fingerprint.Split('=')[1].Trim().Where(char.IsAsciiHexDigit).Select(char.ToLowerInvariant))}

            """);
        string[] arguments = ["-c", Path.Combine(_folder, "offlineimaprc"), "-o"];
        (code, var output) = await RunAsync(offlineimap, arguments);
        Assert.True(code == 0, output);
        var inbox = Path.Combine(_folder, "mirror/INBOX");
        var file = Assert.Single(Directory.GetFiles(inbox, "*", SearchOption.AllDirectories));
        Assert.Contains("Mirror me", await File.ReadAllTextAsync(file, Ct), StringComparison.Ordinal);
        File.Move(file, Path.Combine(inbox, "cur", Path.GetFileName(file).Split(":2,")[0] + ":2,FS"));
        (code, output) = await RunAsync(offlineimap, arguments);
        Assert.True(code == 0, output);
        using var imap = await _service.ImapAsync("u28@example.test", Ct);
        await imap.Inbox!.OpenAsync(MailKit.FolderAccess.ReadOnly, Ct);
        var seen = Assert.Single(await imap.Inbox.FetchAsync(0, -1, new MailKit.FetchRequest(MailKit.MessageSummaryItems.Flags), Ct));
        Assert.Equal(MailKit.MessageFlags.Seen | MailKit.MessageFlags.Flagged, seen.Flags);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>With a home of its own, and an end.</summary>
    private async Task<(int Code, string Output)> RunAsync(string program, params string[] arguments)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        return await Tools.RunAsync(program, arguments, limit.Token, new Dictionary<string, string> { ["HOME"] = _folder });
    }

    /// <summary>For its owner only, as programs want files with passwords.</summary>
    private async Task ConfigureAsync(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        await File.WriteAllTextAsync(path, text, Ct);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private string Maildir(string name)
    {
        foreach (var sub in new[] { "cur", "new", "tmp" })
        {
            Directory.CreateDirectory(Path.Combine(_folder, name, sub));
        }

        return Path.Combine(_folder, name);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
