using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Pkcs;
using Org.BouncyCastle.Security;
using SaaS.Domain.Common;

namespace SaaS.Domain.Domains;

/// <summary>Makes the signing keys of a domain: one RSA-2048 and one Ed25519, so that old and new verifiers find theirs (RFC 8463 §3).</summary>
public sealed class DkimKeyService(MailDbContext db, TimeProvider time)
{
    /// <summary>Puts both keys beside a new domain; saved with it.</summary>
    internal void AddKeys(MailDomain domain)
    {
        var now = time.GetUtcNow();
        var month = now.UtcDateTime.ToString("yyyyMM", System.Globalization.CultureInfo.InvariantCulture);
        var (rsaPrivate, rsaPublic) = MakeRsa();
        db.Add(Key(domain, $"r{month}", DkimAlgorithm.RsaSha256, rsaPrivate, rsaPublic, now));
        var (edPrivate, edPublic) = MakeEd25519();
        db.Add(Key(domain, $"e{month}", DkimAlgorithm.Ed25519Sha256, edPrivate, edPublic, now));
    }

    public async Task<IReadOnlyList<DkimKey>> ListAsync(DomainId domain, CancellationToken ct) =>
        await db.DkimKeys.AsNoTracking().Where(x => x.DomainId == domain && x.State != DkimKeyState.Retired).OrderBy(x => x.Id).ToListAsync(ct);

    /// <summary>The TXT record's value (RFC 6376 §3.6.1, RFC 8463 §4).</summary>
    public static string RecordOf(DkimKey key) =>
        $"v=DKIM1; k={(key.Algorithm == DkimAlgorithm.Ed25519Sha256 ? "ed25519" : "rsa")}; p={key.PublicKey}";

    private static DkimKey Key(
        MailDomain domain, string selector, DkimAlgorithm algorithm, string privateKey, string publicKey, DateTimeOffset now) => new()
        {
            TenantId = domain.TenantId,
            DomainId = domain.Id,
            Selector = selector,
            Algorithm = algorithm,
            PrivateKey = privateKey,
            PublicKey = publicKey,
            State = DkimKeyState.Published,
            CreatedAt = now,
        };

    private static (string Private, string Public) MakeRsa()
    {
        using var rsa = RSA.Create(2048);
        return (rsa.ExportPkcs8PrivateKeyPem(), Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo()));
    }

    private static (string Private, string Public) MakeEd25519()
    {
        var generator = new Ed25519KeyPairGenerator();
        generator.Init(new Ed25519KeyGenerationParameters(new SecureRandom()));
        var pair = generator.GenerateKeyPair();
        var pkcs8 = PrivateKeyInfoFactory.CreatePrivateKeyInfo(pair.Private).GetDerEncoded();
        // p= holds the 32 octets of the key itself, without the ASN.1 around it (RFC 8463 §4).
        return (PemEncoding.WriteString("PRIVATE KEY", pkcs8), Convert.ToBase64String(((Ed25519PublicKeyParameters)pair.Public).GetEncoded()));
    }
}
