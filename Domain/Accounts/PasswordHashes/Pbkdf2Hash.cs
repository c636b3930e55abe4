using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SaaS.Domain.Accounts.PasswordHashes;

/// <summary>PBKDF2 (RFC 8018 §5.2) as Dovecot writes it ($1$salt$rounds$hex, HMAC-SHA-1) and as passlib does ($pbkdf2-sha256$rounds$salt$hash in its
/// base64 with "." for "+" and without padding).</summary>
internal readonly record struct Pbkdf2Hash(HashAlgorithmName Algorithm, int Rounds, byte[] Salt, byte[] Key)
{
    public bool IsBounded => Rounds <= 1_500_000 && Salt.Length <= 256 && Key.Length <= 128;

    public static bool TryParse(string text, out Pbkdf2Hash hash)
    {
        hash = default;
        var parts = text.Split('$');
        if (parts.Length != 5 || parts[0].Length > 0)
        {
            return false;
        }

        if (parts[1] == "1")
        {
            // Dovecot's salt is text that is taken as it stands.
            if (!TryRounds(parts[3], out var dovecot) || parts[2].Length == 0)
            {
                return false;
            }

            try
            {
                hash = new Pbkdf2Hash(HashAlgorithmName.SHA1, dovecot, Encoding.ASCII.GetBytes(parts[2]), Convert.FromHexString(parts[4]));
            }
            catch (FormatException)
            {
                return false;
            }

            return hash.Key.Length >= 16;
        }

        HashAlgorithmName? algorithm = parts[1] switch
        {
            "pbkdf2" => HashAlgorithmName.SHA1,
            "pbkdf2-sha256" => HashAlgorithmName.SHA256,
            "pbkdf2-sha512" => HashAlgorithmName.SHA512,
            _ => null,
        };
        if (algorithm is not { } named || !TryRounds(parts[2], out var rounds)
            || CryptBase64.FromPlain(parts[3], plus: '.') is not { } salt || CryptBase64.FromPlain(parts[4], plus: '.') is not { Length: >= 16 } key)
        {
            return false;
        }

        hash = new Pbkdf2Hash(named, rounds, salt, key);
        return true;
    }

    public bool Verify(string password) => CryptographicOperations.FixedTimeEquals(
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), Salt, Rounds, Algorithm, Key.Length), Key);

    private static bool TryRounds(string text, out int rounds) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out rounds) && rounds > 0;
}
