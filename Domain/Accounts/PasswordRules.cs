using Microsoft.AspNetCore.Identity;
using SaaS.Domain.Common;

namespace SaaS.Domain.Accounts;

/// <summary>What a password must be, and its hash (ASP.NET Core Identity, version 3). Length is what counts (NIST SP 800-63B §3.1.1).</summary>
public static class PasswordRules
{
    public const int DefaultMinLength = 10;
    public const int MaxLength = 256;

    private static readonly PasswordHasher<AppUser> Hasher = new();

    private static readonly HashSet<string> Common = new(StringComparer.OrdinalIgnoreCase)
    {
        "1234567890", "12345678910", "qwertyuiop", "password123", "password1234", "passwordpassword", "administrator", "letmein1234",
        "iloveyou123", "welcome123", "welcome1234", "changeme123", "1q2w3e4r5t", "qwerty12345", "0123456789", "9876543210", "1111111111",
        "0000000000", "abcdefghij", "postyard123",
    };

    public static Refusal? Check(string? password, string login, int minLength = DefaultMinLength) =>
        string.IsNullOrEmpty(password) || password.Length < minLength ? Refusal.Invalid("password", $"At least {minLength} characters.")
        : password.Length > MaxLength ? Refusal.Invalid("password", $"At most {MaxLength} characters.")
        : password.Contains('\0', StringComparison.Ordinal) ? Refusal.Invalid("password", "This character cannot be used.")
        : Common.Contains(password) || password.Equals(login, StringComparison.OrdinalIgnoreCase) || password.Distinct().Count() < 3
            ? Refusal.Invalid("password", "This password is too easy to guess.")
        : null;

    public static string Hash(AppUser user, string password) => Hasher.HashPassword(user, password);

    /// <summary>A stamp that ends every session and token made before it.</summary>
    public static string NewStamp() => Guid.NewGuid().ToString("N");
}
