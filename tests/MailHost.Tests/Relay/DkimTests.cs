using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Security;
using SaaS.Domain.Domains;
using SaaS.Domain.Messages;
using SaaS.MailHost.MailAuth.Dkim;
using SaaS.MailHost.Relay.Signing;
using Xunit;

namespace SaaS.MailHost.Tests.Relay;

public sealed class DkimTests
{
    private static readonly string[] Bodies =
    [
        "Hello.\r\n",
        "",
        "\r\n\r\n",
        "a  b \t c  \r\n\r\n \t\r\n x\r\nno end",
        "trailing\r\n\r\n\r\n",
        string.Concat(Enumerable.Repeat("a long body with  spaces \r\n", 30_000)),
    ];

    [Fact]
    public void Both_signatures_satisfy_an_independent_verifier()
    {
        Assert.SkipUnless(File.Exists("/usr/lib/python3/dist-packages/dkim/__init__.py"), "python3-dkim is not installed");
        using var rsa = RSA.Create(2048);
        var pair = new Ed25519KeyPairGenerator();
        pair.Init(new Ed25519KeyGenerationParameters(new SecureRandom()));
        var ed = pair.GenerateKeyPair();
        var edPem = PemEncoding.WriteString("PRIVATE KEY", Org.BouncyCastle.Pkcs.PrivateKeyInfoFactory.CreatePrivateKeyInfo(ed.Private).GetDerEncoded());
        SigningKey[] keys =
        [
            DkimKeyRing.Read("example.test", "ed", DkimAlgorithm.Ed25519Sha256, edPem),
            DkimKeyRing.Read("example.test", "rsa", DkimAlgorithm.RsaSha256, rsa.ExportPkcs8PrivateKeyPem()),
        ];
        var rsaRecord = $"v=DKIM1; k=rsa; p={Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo())}";
        var edRecord = $"v=DKIM1; k=ed25519; p={Convert.ToBase64String(((Ed25519PublicKeyParameters)ed.Public).GetEncoded())}";
        foreach (var body in Bodies)
        {
            var text = $"From: Al Ice <alice@example.test>\r\nTo: a@x.test,\r\n\tb@x.test\r\nSubject:  two  spaces =?utf-8?q?=C3=BC?=\r\nReceived: one\r\nDate: Sun, 22 Nov 2026 00:00:00 +0000\r\nMessage-ID: <1@x>\r\n\r\n{body}";
            using var bytes = MessageBytes.From(Encoding.UTF8.GetBytes(text));
            byte[] signed = [.. DkimSigner.Sign(bytes, keys, DateTimeOffset.UtcNow), .. Encoding.UTF8.GetBytes(text)];
            Assert.Equal("ok ok", Verify(signed, edRecord, rsaRecord));
        }
    }

    private static string Verify(byte[] message, string ed, string rsa)
    {
        const string script = """
            import sys, dkim
            data = sys.stdin.buffer.read()
            keys = {b'ed._domainkey.example.test.': sys.argv[1].encode(), b'rsa._domainkey.example.test.': sys.argv[2].encode()}
            d = dkim.DKIM(data)
            look = lambda name, timeout=5: keys[name if isinstance(name, bytes) else name.encode()]
            print(*['ok' if d.verify(idx=i, dnsfunc=look) else 'bad' for i in (0, 1)])
            """;
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", script, ed, rsa])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        process.StandardInput.BaseStream.Write(message);
        process.StandardInput.Close();
        var answer = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return answer;
    }
}
