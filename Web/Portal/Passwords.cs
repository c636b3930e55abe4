using System.Security.Cryptography;

namespace SaaS.Web.Portal;

/// <summary>Passwords that a person can read out over the telephone: no letters that look alike, about 100 bits.</summary>
internal static class Passwords
{
    private const string Letters = "abcdefghijkmnpqrstuvwxyz23456789";

    public static string Make() => string.Join('-', Enumerable.Range(0, 4).Select(_ => RandomNumberGenerator.GetString(Letters, 5)));
}
