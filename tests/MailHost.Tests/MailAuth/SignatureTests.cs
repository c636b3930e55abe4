using System.Net;
using System.Security.Cryptography;
using System.Text;
using MimeKit;
using MimeKit.Cryptography;
using SaaS.Domain.Common;
using SaaS.Domain.Dns;
using SaaS.Domain.Messages;
using SaaS.MailHost.MailAuth;
using SaaS.MailHost.MailAuth.Arc;
using SaaS.MailHost.MailAuth.Dkim;
using SaaS.MailHost.MailAuth.Dmarc;
using SaaS.MailHost.MailAuth.Srs;
using Xunit;
using AuthenticationResults = SaaS.MailHost.MailAuth.AuthenticationResults;
using DkimSigner = SaaS.MailHost.MailAuth.Dkim.DkimSigner;

namespace SaaS.MailHost.Tests.MailAuth;

/// <summary>DKIM, ARC, DMARC and the field that tells of them, over zones of their own.</summary>
public sealed class SignatureTests
{
    private static readonly RSA Rsa = RSA.Create(2048);
    private static readonly SigningKey Key = new("example.test", "sel", Rsa, null);
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private const string Mail = "From: Al <al@example.test>\r\nTo: b@x.test\r\nSubject: Hi\r\nDate: Tue, 01 Dec 2026 00:00:00 +0000\r\nMessage-ID: <1@x>\r\n\r\nHello  there. \r\n\r\n\r\n";

    private static ZoneDns Zone() => new ZoneDns()
        .Txt("sel._domainkey.example.test", $"v=DKIM1; k=rsa; p={Convert.ToBase64String(Rsa.ExportSubjectPublicKeyInfo())}")
        .Txt("_dmarc.example.test", "v=DMARC1; p=reject; sp=quarantine; np=none");

    private static string Signed(string mail = Mail) => Encoding.Latin1.GetString(DkimSigner.Sign(Bytes(mail), [Key], Now)) + mail;

    private static MessageBytes Bytes(string text) => MessageBytes.From(Encoding.Latin1.GetBytes(text));

    private static Task<MessageAuthentication> CheckAsync(string mail, IDnsResolver dns, string? sender = null) => MessageAuthentication.CheckAsync(
        Bytes(mail), dns, "mx.test", IPAddress.Parse("192.0.2.1"), "helo.test", sender, TimeProvider.System, TestContext.Current.CancellationToken);

    [Fact]
    public async Task Our_own_signature_passes_and_so_does_dmarc()
    {
        var a = await CheckAsync(Signed(), Zone());
        Assert.Equal(AuthResult.Pass, Assert.Single(a.Dkim).Result);
        Assert.True(a.Dmarc is { Result: AuthResult.Pass, DkimAligned: true, Disposition: DmarcPolicy.None });
    }

    [Theory]
    [InlineData("Hello  there.", "Hello there!", nameof(AuthResult.Fail))]
    [InlineData("Subject: Hi", "Subject: Ho", nameof(AuthResult.Fail))]
    [InlineData("Subject: Hi", "Subject:  Hi ", nameof(AuthResult.Pass))]
    [InlineData("To: b@x.test", "To: b@x.test\r\nSubject: Second", nameof(AuthResult.Fail))]
    [InlineData("s=sel;", "s=none;", nameof(AuthResult.PermError))]
    [InlineData("a=rsa-sha256", "a=rsa-sha1", nameof(AuthResult.PermError))]
    [InlineData("v=1;", "v=2;", nameof(AuthResult.Neutral))]
    [InlineData(" t=", " x=1; t=", nameof(AuthResult.Neutral))]
    public async Task What_was_changed_is_seen(string from, string to, string expected)
    {
        var a = await CheckAsync(Signed().Replace(from, to, StringComparison.Ordinal), Zone());
        Assert.Equal(Enum.Parse<AuthResult>(expected), Assert.Single(a.Dkim).Result);
        Assert.Equal(Enum.Parse<AuthResult>(expected) == AuthResult.Pass ? AuthResult.Pass : AuthResult.Fail, a.Dmarc.Result);
        Assert.Equal(Enum.Parse<AuthResult>(expected) == AuthResult.Pass ? DmarcPolicy.None : DmarcPolicy.Reject, a.Dmarc.Disposition);
    }

    [Theory]
    [InlineData(DkimCanonicalizationAlgorithm.Simple, DkimCanonicalizationAlgorithm.Simple)]
    [InlineData(DkimCanonicalizationAlgorithm.Simple, DkimCanonicalizationAlgorithm.Relaxed)]
    [InlineData(DkimCanonicalizationAlgorithm.Relaxed, DkimCanonicalizationAlgorithm.Simple)]
    public async Task What_MimeKit_signs_passes(DkimCanonicalizationAlgorithm header, DkimCanonicalizationAlgorithm body)
    {
        var message = await MimeMessage.LoadAsync(new MemoryStream(Encoding.Latin1.GetBytes(Mail)), TestContext.Current.CancellationToken);
        var signer = new MimeKitSigner(header, body).Signer;
        signer.Sign(message, ["From", "Subject", "To"]);
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        using var stream = new MemoryStream();
        await message.WriteToAsync(format, stream, TestContext.Current.CancellationToken);
        var a = await CheckAsync(Encoding.Latin1.GetString(stream.ToArray()), Zone());
        Assert.Equal(AuthResult.Pass, Assert.Single(a.Dkim).Result);
    }

    private sealed class MimeKitSigner(DkimCanonicalizationAlgorithm header, DkimCanonicalizationAlgorithm body)
    {
        public MimeKit.Cryptography.DkimSigner Signer { get; } = new(new MemoryStream(Encoding.ASCII.GetBytes(Rsa.ExportRSAPrivateKeyPem())), "example.test", "sel")
        {
            HeaderCanonicalizationAlgorithm = header,
            BodyCanonicalizationAlgorithm = body,
        };
    }

    [Fact]
    public async Task A_part_of_the_body_proves_nothing()
    {
        // l= over the first five octets, signed as it should be.
        var hash = Convert.ToBase64String(SHA256.HashData("Hello"u8));
        var value = $" v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.test; s=sel; l=5; h=from; bh={hash}; b=";
        var data = new StringBuilder("from:Al <al@example.test>\r\n");
        Canonical.AppendRelaxed(data, "dkim-signature", value);
        var a = await CheckAsync($"DKIM-Signature:{value}{DkimSigner.SignData(Key, data.ToString())}\r\n{Mail}", Zone());
        Assert.True(Assert.Single(a.Dkim) is { Result: AuthResult.Pass, Partial: true });
        Assert.Equal(AuthResult.Fail, a.Dmarc.Result);
    }

    [Fact]
    public async Task Many_signatures_cost_no_more_than_ten()
    {
        var dns = Zone();
        var mail = string.Concat(Enumerable.Range(0, 500).Select(i => $"DKIM-Signature: v=1; a=rsa-sha256; d=d{i}.test; s=s; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\n")) + Mail;
        Assert.Equal(10, (await CheckAsync(mail, dns)).Dkim.Count);
        Assert.True(dns.Questions < 40);
    }

    [Theory]
    [InlineData("From: a@example.test\r\nFrom: b@other.test\r\n\r\nx", nameof(AuthResult.PermError))]
    [InlineData("From: a@example.test, b@other.test\r\n\r\nx", nameof(AuthResult.Fail))]
    [InlineData("From: b@other.test, a@example.test\r\n\r\nx", nameof(AuthResult.Fail))]
    [InlineData("From: a@sub.example.test\r\n\r\nx", nameof(AuthResult.Fail))]
    [InlineData("From: nobody\r\n\r\nx", nameof(AuthResult.PermError))]
    [InlineData("From: b@other.test\r\n\r\nx", nameof(AuthResult.None))]
    [InlineData("\r\nx", nameof(AuthResult.PermError))]
    public async Task Every_author_counts(string mail, string expected)
    {
        var a = await CheckAsync(mail, Zone());
        Assert.Equal(Enum.Parse<AuthResult>(expected), a.Dmarc.Result);
        Assert.Equal(mail.StartsWith("From: a@example.test\r\nFrom", StringComparison.Ordinal), a.Dmarc.ManyFrom);
    }

    [Theory]
    [InlineData("v=DMARC1; p=reject; sp=quarantine; np=none", false, nameof(DmarcPolicy.None))]
    [InlineData("v=DMARC1; p=reject; sp=quarantine; np=none", true, nameof(DmarcPolicy.Quarantine))]
    [InlineData("v=DMARC1; p=reject", false, nameof(DmarcPolicy.Reject))]
    [InlineData("v=DMARC1; p=reject; t=y", false, nameof(DmarcPolicy.Quarantine))]
    [InlineData("v=DMARC1; p=quarantine; t=y", false, nameof(DmarcPolicy.None))]
    [InlineData("v=DMARC1; p=nonsense; rua=mailto:a@b.test", false, nameof(DmarcPolicy.None))]
    public async Task Subdomains_have_the_policy_of_the_organization(string record, bool exists, string expected)
    {
        var dns = new ZoneDns().Txt("_dmarc.example.test", record);
        if (exists)
        {
            dns.Add("a.b.example.test", "A", IPAddress.Loopback);
        }

        var a = await CheckAsync("From: x@a.b.example.test\r\n\r\nx", dns);
        Assert.Equal((AuthResult.Fail, Enum.Parse<DmarcPolicy>(expected), "example.test"), (a.Dmarc.Result, a.Dmarc.Disposition, a.Dmarc.PolicyDomain));
    }

    [Theory]
    // A public suffix with psd=y separates those below it; psd=n makes an organization of its own.
    [InlineData("one.suffix.test", "two.suffix.test", false)]
    [InlineData("a.one.suffix.test", "one.suffix.test", true)]
    [InlineData("a.own.example.test", "own.example.test", true)]
    [InlineData("own.example.test", "example.test", false)]
    public async Task The_tree_says_who_belongs_together(string a, string b, bool same)
    {
        var tree = new DmarcTree(new ZoneDns().Txt("_dmarc.suffix.test", "v=DMARC1; p=none; psd=y").Txt("_dmarc.own.example.test", "v=DMARC1; p=none; psd=n")
            .Txt("_dmarc.example.test", "v=DMARC1; p=none").Txt("_dmarc.one.suffix.test", "v=DMARC1; p=none"));
        Assert.Equal(same, await tree.OrganizationAsync(a, TestContext.Current.CancellationToken) == await tree.OrganizationAsync(b, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Without_dns_everything_is_temporary_and_quick()
    {
        var a = await CheckAsync(Signed(), new ZoneDns { Away = true }, "al@example.test");
        Assert.Equal(
            (AuthResult.TempError, AuthResult.TempError, AuthResult.TempError, AuthResult.TempError),
            (a.Spf.Result, a.Dkim[0].Result, a.Dmarc.Result, a.Iprev.Result));
        Assert.Equal(DmarcPolicy.None, a.Dmarc.Disposition);
    }

    [Fact]
    public async Task A_chain_of_seals_holds_until_somebody_changes_what_was_sealed()
    {
        var dns = Zone();
        var text = Signed();
        foreach (var validation in (AuthResult[])[AuthResult.None, AuthResult.Pass, AuthResult.Pass])
        {
            using var bytes = Bytes(text);
            text = ArcSealer.Seal(bytes, "mx.test;\r\n\tspf=pass smtp.mailfrom=al@example.test;\r\n\tdmarc=pass", validation, Key, Now) + text;
            var a = await CheckAsync(text, dns);
            Assert.True(a.Arc.Result == AuthResult.Pass, a.Arc.Reason);
        }

        Assert.Equal(3, (await CheckAsync(text, dns)).Arc.Instances);
        Assert.Equal(AuthResult.Fail, (await CheckAsync(text.Replace("i=1; mx.test", "i=1; mx.evil", StringComparison.Ordinal), dns)).Arc.Result);
        Assert.Equal(AuthResult.Fail, (await CheckAsync(text.Replace("Hello", "Hallo", StringComparison.Ordinal), dns)).Arc.Result);
        Assert.Equal(AuthResult.Fail, (await CheckAsync(text.Replace("ARC-Seal: i=2", "X-Seal: i=2", StringComparison.Ordinal), dns)).Arc.Result);

        // And MimeKit agrees.
        var message = await MimeMessage.LoadAsync(new MemoryStream(Encoding.Latin1.GetBytes(text)), TestContext.Current.CancellationToken);
        var verified = await new MimeKitVerifier().VerifyAsync(message, TestContext.Current.CancellationToken);
        Assert.Equal(ArcSignatureValidationResult.Pass, verified.Chain);
    }

    [Fact]
    public async Task Nobody_seals_behind_a_failed_chain()
    {
        using var bytes = Bytes(Mail);
        var failed = ArcSealer.Seal(Bytes("ARC-Seal: i=1; cv=none; b=x\r\n" + Mail), "mx.test; arc=fail", AuthResult.Fail, Key, Now) + "ARC-Seal: i=1; cv=none; b=x\r\n" + Mail;
        Assert.Contains("cv=fail", failed, StringComparison.Ordinal);
        Assert.Null(ArcSealer.Seal(Bytes(failed), "mx.test; arc=fail", AuthResult.Fail, Key, Now));
        Assert.Equal(AuthResult.Fail, (await CheckAsync(failed, Zone())).Arc.Result);
    }

    private sealed class MimeKitVerifier() : MimeKit.Cryptography.ArcVerifier(new Keys());

    private sealed class Keys : DkimPublicKeyLocatorBase
    {
        public override Org.BouncyCastle.Crypto.AsymmetricKeyParameter LocatePublicKey(string methods, string domain, string selector, CancellationToken cancellationToken = default) =>
            GetPublicKey($"v=DKIM1; k=rsa; p={Convert.ToBase64String(Rsa.ExportSubjectPublicKeyInfo())}");

        public override Task<Org.BouncyCastle.Crypto.AsymmetricKeyParameter> LocatePublicKeyAsync(string methods, string domain, string selector, CancellationToken cancellationToken = default) =>
            Task.FromResult(LocatePublicKey(methods, domain, selector, cancellationToken));
    }

    [Theory]
    [InlineData("Authentication-Results: mx.test; dmarc=pass\r\n", true)]
    [InlineData("authentication-results : (a (nested) comment)\r\n\tMX.test 1; dmarc=pass\r\n", true)]
    [InlineData("Authentication-Results: \"mx.test\"; dmarc=pass\r\n", true)]
    [InlineData("Authentication-Results:mx.test;dmarc=pass\r\n", true)]
    [InlineData("Authentication-Results: mx.test.evil; dmarc=pass\r\n", false)]
    [InlineData("X-Authentication-Results: mx.test; dmarc=pass\r\n", false)]
    public void Forged_results_of_our_name_are_taken_away(string field, bool gone)
    {
        using var mail = Bytes($"A: b\r\n{field}{Mail}");
        using var rest = AuthenticationResults.WithoutOurs(mail, "mx.test", null);
        Assert.Equal(gone ? $"A: b\r\n{Mail}" : null, rest is null ? null : Encoding.Latin1.GetString(rest.Memory!.Value.Span));
    }

    [Fact]
    public void A_forwarded_sender_leads_back_and_nothing_else_does()
    {
        var (key, other) = (new byte[32], RandomNumberGenerator.GetBytes(32));
        var sender = MailAddress.Parse("Some.Body+tag=x@example.test");
        var once = SrsAddress.Forward(sender, "mx.test", key, Now)!;
        Assert.Equal(sender, SrsAddress.Reverse(once.LocalPart, [other, key], Now.AddDays(20)));
        Assert.Equal("some.body+tag=x", SrsAddress.Reverse(once.LocalPart.ToUpperInvariant().Replace("SOME", "some", StringComparison.Ordinal), [key], Now)!.LocalKey);
        Assert.Null(SrsAddress.Reverse(once.LocalPart, [key], Now.AddDays(22)));
        Assert.Null(SrsAddress.Reverse(once.LocalPart, [other], Now));
        Assert.Null(SrsAddress.Reverse(once.LocalPart.Replace("Some", "None", StringComparison.Ordinal), [key], Now));

        // Twice and three times forwarded goes back to the first forwarder.
        var twice = SrsAddress.Forward(once, "second.test", other, Now)!;
        var thrice = SrsAddress.Forward(twice, "third.test", key, Now)!;
        Assert.Equal(once, SrsAddress.Reverse(twice.LocalPart, [other], Now));
        Assert.Equal(once, SrsAddress.Reverse(thrice.LocalPart, [key], Now));
    }

    [Fact]
    public async Task Nonsense_in_the_header_throws_nothing_and_costs_little()
    {
        var random = new Random(7);
        string[] pieces = ["From: ", "DKIM-Signature: ", "ARC-Seal: ", "ARC-Message-Signature: ", "ARC-Authentication-Results: i=1; ", "Authentication-Results: mx.test", "v=1; ", "a=rsa-sha256; ",
            "d=example.test; ", "s=sel; ", "b=", "bh=", "h=from:from", "i=", "1", "=", ";", ":", "\r\n", "\r\n ", "(", ")", "\"", "\\", "<a@example.test>", ",", "\0", "ü", "%{d}", "l=9999999999999999999"];
        for (var n = 0; n < 2000; n++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(80)).Select(_ => pieces[random.Next(pieces.Length)])) + "\r\n\r\nx";
            AuthenticationResults.Value(await CheckAsync(text, Zone(), "a@example.test"), "mx.test", "h", "a@example.test");
            using var bytes = Bytes(text);
            AuthenticationResults.WithoutOurs(bytes, "mx.test", null)?.Dispose();
        }

        var large = string.Concat(Enumerable.Repeat("ARC-Seal: i=1; a=b\r\nDKIM-Signature: v=1; h=" + new string(':', 900) + "\r\nFrom: ((((((\r\n", 700)) + Mail;
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        await CheckAsync(large, Zone());
        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(5));
    }

    /// <summary>RFC 8463 appendix A.3: Ed25519 and RSA over the same message.</summary>
    [Fact]
    public async Task The_example_of_rfc_8463_passes()
    {
        const string text = """
            DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
             d=football.example.com; i=@football.example.com;
             q=dns/txt; s=brisbane; t=1528637909; h=from : to :
             subject : date : message-id : from : subject : date;
             bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
             b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
             Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
            From: Joe SixPack <joe@football.example.com>
            To: Suzie Q <suzie@shopping.example.net>
            Subject: Is dinner ready?
            Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
            Message-ID: <20030712040037.46341.5F8J@football.example.com>

            Hi.

            We lost the game.  Are you hungry yet?

            Joe.

            """;
        var dns = new ZoneDns().Txt("brisbane._domainkey.football.example.com", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
        var a = await CheckAsync(text.ReplaceLineEndings("\r\n"), dns);
        Assert.True(Assert.Single(a.Dkim).Result == AuthResult.Pass, a.Dkim[0].Reason);
    }
}
