using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using SaaS.Domain.Dns;

namespace SaaS.MailHost.MailAuth.Dkim;

/// <summary>A public key as DNS shows it, or why there is none.</summary>
/// <remarks>RFC 6376 §3.6.1, §6.1.2; RFC 8463 §4; sizes RFC 8301 §3.2.</remarks>
internal sealed record DkimKeyRecord(AuthResult Status, string? Reason = null)
{
    private const int MaxRsaBits = 8192;
    private const int MinRsaBits = 1024;

    public bool Ed25519 { get; private init; }

    public byte[] Key { get; private init; } = [];

    public int Bits { get; private init; }

    /// <summary>t=y: the domain only tries it out.</summary>
    public bool Testing { get; private init; }

    /// <summary>t=s: i= names the very domain.</summary>
    public bool Strict { get; private init; }

    /// <summary>h=; null: any.</summary>
    public IReadOnlyList<string>? Hashes { get; private init; }

    public static async ValueTask<DkimKeyRecord> FindAsync(IDnsResolver dns, string selector, string domain, CancellationToken ct)
    {
        var answer = await dns.TxtAsync($"{selector}._domainkey.{domain}", ct);
        if (answer.Status == DnsStatus.TemporaryError)
        {
            return new DkimKeyRecord(AuthResult.TempError, "DNS does not answer for the key");
        }

        // Of several records that make no sense the first says why.
        DkimKeyRecord? first = null;
        foreach (var text in answer.Records.Take(5))
        {
            var key = Parse(text);
            if (key.Status == AuthResult.Pass)
            {
                return key;
            }

            first ??= key;
        }

        return first ?? new DkimKeyRecord(AuthResult.PermError, "no key for signature");
    }

    public static DkimKeyRecord Parse(string text)
    {
        if (!TagList.TryParse(text, out var tags) || tags["p"] is null)
        {
            return Bad("the key record is not in the grammar");
        }

        if (tags.Has("v") && (tags.First != "v" || tags["v"] != "DKIM1"))
        {
            return Bad("the key record has another version");
        }

        if (tags.Compact("s") is { } services && !services.Split(':').Any(s => s is "*" or "email"))
        {
            return Bad("the key is not for mail");
        }

        var p = tags.Compact("p")!;
        if (p.Length == 0)
        {
            return Bad("key revoked");
        }

        var flags = tags.Compact("t")?.Split(':') ?? [];
        var record = new DkimKeyRecord(AuthResult.Pass)
        {
            Testing = flags.Contains("y"),
            Strict = flags.Contains("s"),
            Hashes = tags.Compact("h")?.Split(':'),
        };
        var key = new byte[p.Length];
        if (p.Length > 4096 || !Convert.TryFromBase64String(p, key, out var length))
        {
            return Bad("the key is no base64");
        }

        key = key[..length];
        switch (tags["k"] ?? "rsa")
        {
            case "ed25519":
                return length == 32 ? record with { Ed25519 = true, Key = key, Bits = 256 } : Bad("the key has the wrong length");
            case "rsa":
                using (var rsa = Rsa(key))
                {
                    return rsa is null ? Bad("the key is no RSA key")
                        : rsa.KeySize > MaxRsaBits ? Bad("the key is too long")
                        : record with { Key = key, Bits = rsa.KeySize };
                }

            default:
                return Bad("the key is of a type that we do not know");
        }
    }

    public bool IsWeak => !Ed25519 && Bits < MinRsaBits;

    public bool Verifies(string data, byte[] signature)
    {
        var hash = SHA256.HashData(Encoding.Latin1.GetBytes(data));
        if (Ed25519)
        {
            if (signature.Length != 64)
            {
                return false;
            }

            // RFC 8463 §3: PureEdDSA over the hash.
            var verifier = new Ed25519Signer();
            verifier.Init(forSigning: false, new Ed25519PublicKeyParameters(Key));
            verifier.BlockUpdate(hash, 0, hash.Length);
            return verifier.VerifySignature(signature);
        }

        using var rsa = Rsa(Key);
        try
        {
            return rsa!.VerifyHash(hash, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static RSA? Rsa(byte[] key)
    {
        var rsa = RSA.Create();
        try
        {
            rsa.ImportSubjectPublicKeyInfo(key, out _);
            return rsa;
        }
        catch (CryptographicException)
        {
            try
            {
                // RFC 6376 §3.6.1 says RSAPublicKey; nearly everybody publishes what is around it.
                rsa.ImportRSAPublicKey(key, out _);
                return rsa;
            }
            catch (CryptographicException)
            {
                rsa.Dispose();
                return null;
            }
        }
    }

    private static DkimKeyRecord Bad(string reason) => new(AuthResult.PermError, reason);
}
