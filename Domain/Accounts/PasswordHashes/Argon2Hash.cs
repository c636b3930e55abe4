using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Konscious.Security.Cryptography;

namespace SaaS.Domain.Accounts.PasswordHashes;

/// <summary>$argon2id$v=19$m=65536,t=3,p=1$salt$hash, and argon2i.</summary>
/// <remarks>RFC 9106; the string form is that of its reference implementation.</remarks>
internal readonly record struct Argon2Hash(bool IsId, int Memory, int Passes, int Lanes, byte[] Salt, byte[] Tag)
{
    /// <summary>KiB of memory, and KiB times passes.</summary>
    public bool IsBounded => Memory <= 128 * 1024 && Passes <= 32 && Lanes <= 16 && (long)Memory * Passes <= 1024 * 1024 && Salt.Length <= 256 && Tag.Length <= 128;

    public static bool TryParse(string text, out Argon2Hash hash)
    {
        hash = default;
        var parts = text.Split('$');
        if (parts is not ["", "argon2i" or "argon2id", "v=19", _, _, _])
        {
            return false;
        }

        var (memory, passes, lanes) = (0, 0, 0);
        foreach (var pair in parts[3].Split(','))
        {
            if (pair.Length < 3 || pair[1] != '=' || !int.TryParse(pair.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1)
            {
                return false;
            }

            switch (pair[0])
            {
                case 'm':
                    memory = number;
                    break;
                case 't':
                    passes = number;
                    break;
                case 'p':
                    lanes = number;
                    break;
                default:
                    return false;
            }
        }

        if (passes == 0 || lanes == 0 || memory < 8 * lanes
            || CryptBase64.FromPlain(parts[4]) is not { Length: >= 8 } salt || CryptBase64.FromPlain(parts[5]) is not { Length: >= 16 } tag)
        {
            return false;
        }

        hash = new Argon2Hash(parts[1] == "argon2id", memory, passes, lanes, salt, tag);
        return true;
    }

    public bool Verify(string password)
    {
        if (password.Length == 0)
        {
            return false; // the library takes none
        }

        using Argon2 argon = IsId ? new Argon2id(Encoding.UTF8.GetBytes(password)) : new Argon2i(Encoding.UTF8.GetBytes(password));
        (argon.MemorySize, argon.Iterations, argon.DegreeOfParallelism, argon.Salt) = (Memory, Passes, Lanes, Salt);
        return CryptographicOperations.FixedTimeEquals(argon.GetBytes(Tag.Length), Tag);
    }
}
