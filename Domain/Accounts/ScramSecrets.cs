using System.Security.Cryptography;
using System.Text;
using SaaS.Domain.Keys;

namespace SaaS.Domain.Accounts;

/// <summary>Keys for SCRAM-SHA-256.</summary>
/// <remarks>RFC 5802 §3, RFC 7677 §3.</remarks>
public sealed class ScramSecrets(ServerKeyStore keys)
{
    /// <summary>Cyrus SASL, which mbsync and many others sign in with, refuses more than 65,536; RFC 7677 §4 asks for at least 4096.</summary>
    public const int Iterations = 60_000;

    private const string Purpose = "scram-salt";

    private readonly Lazy<byte[]> _key = new(() =>
    {
        if (keys.List(Purpose) is not [var known, ..])
        {
            keys.Add(Purpose, "1", Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
            known = keys.List(Purpose)[0];
        }

        return Convert.FromBase64String(known.Value);
    });

    /// <summary>The salt of a login, whether it exists or not: a stranger cannot tell by it.</summary>
    public byte[] SaltOf(string normalizedLogin) => HMACSHA256.HashData(_key.Value, Encoding.UTF8.GetBytes(normalizedLogin))[..16];

    public static (byte[] StoredKey, byte[] ServerKey) Derive(string password, byte[] salt, int iterations)
    {
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(Prepare(password)), salt, iterations, HashAlgorithmName.SHA256, 32);
        return (SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8)), HMACSHA256.HashData(salted, "Server Key"u8));
    }

    public static byte[] DigestOf(string passwordHash) => SHA256.HashData(Encoding.UTF8.GetBytes(passwordHash));

    /// <summary>Keys of a new password, for the transaction that sets it.</summary>
    public async Task SetAsync(MailDbContext db, AppUser user, string password, CancellationToken ct)
    {
        if (user.AccountId is not { } account)
        {
            return;
        }

        var key = await db.ScramKeys.FindAsync([account], ct);
        if (key is null)
        {
            key = new ScramKey { AccountId = account, Salt = SaltOf(user.NormalizedUserName!), Iterations = Iterations };
            db.Add(key);
        }

        (key.StoredKey, key.ServerKey) = Derive(password, key.Salt, key.Iterations);
        key.PasswordDigest = DigestOf(user.PasswordHash!);
    }

    // SASLprep (RFC 4013 §2), as far as passwords that can be typed need it: other spaces are a space, what is invisible is nothing, NFKC.
    private static string Prepare(string password)
    {
        if (Ascii.IsValid(password))
        {
            return password;
        }

        var mapped = new StringBuilder(password.Length);
        foreach (var c in password)
        {
            if (c is '\u00AD' or '\u034F' or '\u1806' or (>= '\u180B' and <= '\u180D') or (>= '\u200B' and <= '\u200D') or '\u2060'
                or (>= '\uFE00' and <= '\uFE0F') or '\uFEFF')
            {
                continue;
            }

            mapped.Append(c >= 0x80 && char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.SpaceSeparator ? ' ' : c);
        }

        try
        {
            return mapped.ToString().Normalize(NormalizationForm.FormKC);
        }
        catch (ArgumentException)
        {
            // A lone surrogate: no client can send it either.
            return password;
        }
    }
}
