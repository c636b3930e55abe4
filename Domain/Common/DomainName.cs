using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SaaS.Domain.Common;

/// <summary>A DNS host or mail domain in its A-label form, lower case, without the final dot (RFC 5890, UTS 46 non-transitional).</summary>
public static class DomainName
{
    private static readonly IdnMapping Idn = new() { AllowUnassigned = false, UseStd3AsciiRules = true };

    /// <summary>Normalises a name typed or received by anyone. At most 253 octets, labels of 1 to 63.</summary>
    public static bool TryNormalize(string? text, [NotNullWhen(true)] out string? name)
    {
        name = null;
        if (string.IsNullOrEmpty(text) || text.Length > 1000)
        {
            return false;
        }

        try
        {
            var ascii = Idn.GetAscii(text).ToLowerInvariant();
            ascii = ascii.EndsWith('.') ? ascii[..^1] : ascii;
            if (ascii.EndsWith('.') || ascii.Length is 0 or > 253 || IPAddress.TryParse(ascii, out _))
            {
                return false;
            }

            name = ascii;
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>The name as a person reads it (U-labels).</summary>
    public static string ToUnicode(string ascii)
    {
        try
        {
            return Idn.GetUnicode(ascii);
        }
        catch (ArgumentException)
        {
            return ascii;
        }
    }

    /// <summary>An SMTP address literal: [192.0.2.1] or [IPv6:2001:db8::1] (RFC 5321 §4.1.3).</summary>
    public static bool TryParseLiteral(string text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (text.Length < 3 || text[0] != '[' || text[^1] != ']')
        {
            return false;
        }

        var inner = text[1..^1];
        var v6 = inner.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase);
        return IPAddress.TryParse(v6 ? inner[5..] : inner, out address)
            && address.AddressFamily == (v6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork);
    }
}
