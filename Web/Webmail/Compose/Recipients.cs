using System.Net.Mail;
using SaaS.Client.Jmap;

namespace SaaS.Web.Webmail.Compose;

/// <summary>Reads what people type or paste into an address field.</summary>
public static class Recipients
{
    /// <summary>Splits at commas, semicolons and line ends outside of quotes and brackets.</summary>
    public static IReadOnlyList<EmailAddress> Parse(string? text)
    {
        var found = new List<EmailAddress>();
        foreach (var part in Split(text ?? ""))
        {
            var one = part.Trim();
            if (one.Length == 0)
            {
                continue;
            }

            var open = one.LastIndexOf('<');
            if (open >= 0 && one.EndsWith('>'))
            {
                var name = one[..open].Trim().Trim('"').Trim();
                found.Add(new EmailAddress(name.Length == 0 ? null : name, one[(open + 1)..^1].Trim()));
            }
            else
            {
                found.Add(new EmailAddress(null, one));
            }
        }

        return found;
    }

    public static bool IsValid(EmailAddress address) =>
        address.Email is { Length: <= 254 } text && text.LastIndexOf('@') is var at && at > 0 && at < text.Length - 1
        && !text.Contains(' ', StringComparison.Ordinal) && MailAddress.TryCreate(text, out _);

    private static IEnumerable<string> Split(string text)
    {
        var start = 0;
        var quoted = false;
        var bracket = false;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '"':
                    quoted = !quoted;
                    break;
                case '<' when !quoted:
                    bracket = true;
                    break;
                case '>' when !quoted:
                    bracket = false;
                    break;
                case ',' or ';' or '\n' or '\r' when !quoted && !bracket:
                    yield return text[start..i];
                    start = i + 1;
                    break;
                default:
                    break;
            }
        }

        yield return text[start..];
    }
}
