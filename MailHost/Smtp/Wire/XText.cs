using System.Globalization;
using System.Text;

namespace SaaS.MailHost.Smtp.Wire;

/// <summary>xtext = *( xchar / hexchar ); hexchar = "+" two upper case hex digits. RFC 3461 §4.</summary>
internal static class XText
{
    /// <summary>False where it is no xtext, or stands for control characters.</summary>
    public static bool TryDecode(string text, out string decoded)
    {
        decoded = "";
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '+')
            {
                if (i + 2 >= text.Length || !byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var b)
                    || b is < 0x20 or 0x7F)
                {
                    return false;
                }

                bytes.Add(b);
                i += 2;
            }
            else if (c is >= '!' and <= '~' and not '=')
            {
                bytes.Add((byte)c);
            }
            else
            {
                return false;
            }
        }

        decoded = Encoding.UTF8.GetString([.. bytes]);
        return true;
    }
}
