using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SaaS.Domain.Common;

namespace SaaS.Domain.Accounts.PasswordHashes;

/// <summary>
/// Password hashes that were made elsewhere, as Dovecot, passlib and crypt(3) write them. They are kept as they came, with a scheme in braces in front
/// (ours begin otherwise), and give way to one of ours when the password is first used. What a hash may cost to check is bounded: whoever
/// brings it chooses its parameters.
/// </summary>
public static class ImportedHash
{
    public const int MaxLength = 512;

    private static readonly Refusal Unknown = Refusal.Invalid("passwordHash", "This hash is of no kind that is known here.");
    private static readonly Refusal Costly = Refusal.Invalid("passwordHash", "To check this hash would cost too much.");
    private static readonly Refusal Weak = Refusal.Invalid("passwordHash", "Hashes of this kind are guessed too easily; a setting would accept them.");

    public static bool IsForm(string stored) => stored.StartsWith('{');

    /// <summary>What is to be stored for a hash as it came. Refusals: Invalid.</summary>
    /// <param name="text">With or without a scheme in braces.</param>
    /// <param name="acceptWeak">DES and MD5, and hashes without salt.</param>
    public static Outcome<string> Read(string? text, bool acceptWeak)
    {
        text = text?.Trim() ?? "";
        if (text.Length is 0 or > MaxLength || !Ascii.IsValid(text) || text.Any(char.IsControl))
        {
            return Unknown;
        }

        var (scheme, value) = Split(text);
        if (KindOf(scheme, value) is not var (kind, normal))
        {
            return Unknown;
        }

        return kind switch
        {
            HashKind.Bcrypt => Number(normal.AsSpan(4, 2)) is >= 4 and <= 14 ? "{CRYPT}" + normal : Costly,
            HashKind.ShaCrypt => ShaCrypt.Rounds(normal) is { } rounds ? rounds <= ShaCrypt.MaxRounds ? "{CRYPT}" + normal : Costly : Unknown,
            HashKind.Md5Crypt or HashKind.DesCrypt => acceptWeak ? "{CRYPT}" + normal : Weak,
            HashKind.Argon2 => Argon2Hash.TryParse(normal, out var argon) ? argon.IsBounded ? "{CRYPT}" + normal : Costly : Unknown,
            HashKind.Pbkdf2 => Pbkdf2Hash.TryParse(normal, out var derived) ? derived.IsBounded ? "{PBKDF2}" + normal : Costly : Unknown,
            _ => SaltedHash.TryParse(scheme, value, out var salted) ? salted.Salt.Length > 0 || acceptWeak ? $"{{{scheme}}}{value}" : Weak : Unknown,
        };
    }

    /// <param name="stored">From <see cref="Read"/>.</param>
    /// <param name="password">As typed.</param>
    public static bool Verify(string stored, string password)
    {
        var (scheme, value) = Split(stored);
        if (KindOf(scheme, value) is not var (kind, normal))
        {
            return false;
        }

        switch (kind)
        {
            case HashKind.Bcrypt:
                // 72 octets are what bcrypt looks at; $2y$ and $2b$ are the same thing.
                return BCrypt.Net.BCrypt.Verify(password, "$2b" + normal[3..]);
            case HashKind.ShaCrypt:
                return Same(ShaCrypt.Hash(password, normal), normal);
            case HashKind.Md5Crypt:
                return Same(Md5Crypt.Hash(password, normal), normal);
            case HashKind.DesCrypt:
                return Same(DesCrypt.Hash(password, normal), normal);
            case HashKind.Argon2:
                return Argon2Hash.TryParse(normal, out var argon) && argon.Verify(password);
            case HashKind.Pbkdf2:
                return Pbkdf2Hash.TryParse(normal, out var derived) && derived.Verify(password);
            default:
                return SaltedHash.TryParse(scheme, value, out var salted) && salted.Verify(password);
        }
    }

    private enum HashKind
    {
        Salted,
        Bcrypt,
        ShaCrypt,
        Md5Crypt,
        DesCrypt,
        Argon2,
        Pbkdf2,
    }

    private static (string Scheme, string Value) Split(string text) =>
        text[0] == '{' && text.IndexOf('}', StringComparison.Ordinal) is > 1 and var end
            ? (text[1..end].ToUpperInvariant(), text[(end + 1)..])
            : ("", text);

    // Every name of a crypt hash says what its value says itself.
    private static (HashKind Kind, string Value)? KindOf(string scheme, string value) => scheme switch
    {
        "" or "CRYPT" or "BLF-CRYPT" or "BCRYPT" or "SHA256-CRYPT" or "SHA512-CRYPT" or "MD5-CRYPT" or "DES-CRYPT" or "ARGON2I" or "ARGON2ID" =>
            value switch
            {
                _ when value.Length == 60 && value[..3] is "$2a" or "$2b" or "$2y" && value[3] == '$' && value[6] == '$' => (HashKind.Bcrypt, value),
                _ when value.StartsWith("$5$", StringComparison.Ordinal) || value.StartsWith("$6$", StringComparison.Ordinal) => (HashKind.ShaCrypt, value),
                _ when value.StartsWith("$1$", StringComparison.Ordinal) && Md5Crypt.IsForm(value) => (HashKind.Md5Crypt, value),
                _ when value.StartsWith("$argon2i", StringComparison.Ordinal) => (HashKind.Argon2, value),
                _ when value.StartsWith("$pbkdf2", StringComparison.Ordinal) => (HashKind.Pbkdf2, value),
                _ when scheme is "CRYPT" or "DES-CRYPT" && DesCrypt.IsForm(value) => (HashKind.DesCrypt, value),
                _ => null,
            },
        "PBKDF2" => (HashKind.Pbkdf2, value),
        _ => (HashKind.Salted, value),
    };

    private static bool Same(string made, string stored) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(made), Encoding.ASCII.GetBytes(stored));

    private static int Number(ReadOnlySpan<char> text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : -1;
}
