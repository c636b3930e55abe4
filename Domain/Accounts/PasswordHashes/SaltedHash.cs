using System.Security.Cryptography;
using System.Text;

namespace SaaS.Domain.Accounts.PasswordHashes;

/// <summary>One round of SHA over password and salt: {SSHA}, {SSHA256}, {SSHA512} and their forms without salt, in base64 or (.HEX) hexadecimal.</summary>
internal readonly record struct SaltedHash(HashAlgorithmName Algorithm, byte[] Digest, byte[] Salt)
{
    public static bool TryParse(string scheme, string value, out SaltedHash hash)
    {
        hash = default;
        var (name, encoding) = scheme.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? (scheme[..dot], scheme[(dot + 1)..]) : (scheme, "B64");
        (HashAlgorithmName Algorithm, int Size)? kind = name switch
        {
            "SHA" or "SHA1" or "SSHA" => (HashAlgorithmName.SHA1, 20),
            "SHA256" or "SSHA256" => (HashAlgorithmName.SHA256, 32),
            "SHA512" or "SSHA512" => (HashAlgorithmName.SHA512, 64),
            _ => null,
        };
        if (kind is not var (algorithm, size) || encoding is not ("B64" or "BASE64" or "HEX"))
        {
            return false;
        }

        byte[] bytes;
        try
        {
            bytes = encoding == "HEX" ? Convert.FromHexString(value) : Convert.FromBase64String(value);
        }
        catch (FormatException)
        {
            return false;
        }

        var salted = name.StartsWith("SS", StringComparison.Ordinal);
        if (salted ? bytes.Length <= size : bytes.Length != size)
        {
            return false;
        }

        hash = new SaltedHash(algorithm, bytes[..size], bytes[size..]);
        return true;
    }

#pragma warning disable CA5350 // SHA-1 only to recognise what others made; the hash is replaced at once.
    public bool Verify(string password)
    {
        byte[] text = [.. Encoding.UTF8.GetBytes(password), .. Salt];
        return CryptographicOperations.FixedTimeEquals(CryptographicOperations.HashData(Algorithm, text), Digest);
    }
#pragma warning restore CA5350
}
