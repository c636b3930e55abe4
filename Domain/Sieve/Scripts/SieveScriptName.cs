using System.Text;
using SaaS.Domain.Common;

namespace SaaS.Domain.Sieve.Scripts;

/// <summary>What a script may be called (RFC 5804 §1.6). It is a key in the database and never a path.</summary>
public static class SieveScriptName
{
    public const int MaxBytes = 512;

    public static Outcome<string> Normalize(string name)
    {
        string text;
        try
        {
            text = name.Normalize(NormalizationForm.FormC);
        }
        catch (ArgumentException)
        {
            return Refusal.Invalid("name", "The name is not valid Unicode.");
        }

        if (text.Length == 0 || Encoding.UTF8.GetByteCount(text) > MaxBytes)
        {
            return Refusal.Invalid("name", $"A script's name has 1 to {MaxBytes} octets.");
        }

        return text.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029')
            ? Refusal.Invalid("name", "A script's name has no control characters.")
            : text;
    }
}
