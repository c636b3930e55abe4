using System.Globalization;
using SaaS.Client.LegacyPlatforms;

namespace SaaS.Web.Portal.LegacyPlatforms;

/// <summary>One service of a legacy platform as it is typed: host:port, and how it is encrypted.</summary>
internal sealed class LegacyHostForm(string name, string label, string example, LegacyEncryption usual, int usualPort)
{
    /// <summary>The field's name in the request's errors.</summary>
    public string Name => name;

    public string Label => label;

    public string Example => example;

    public string Text { get; set; } = "";

    public string Encryption { get; set; } = usual.ToString();

    public bool Proxy { get; set; }

    public void Take(LegacyHost? host)
    {
        Text = host is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{(host.Host.Contains(':', StringComparison.Ordinal) ? $"[{host.Host}]" : host.Host)}:{host.Port}");
        Encryption = (host?.Encryption ?? usual).ToString();
        Proxy = host?.ProxyProtocol == true;
    }

    /// <summary>Null where there is no such service; the errors say where it cannot be read.</summary>
    public LegacyHost? Read(FormErrors errors)
    {
        var text = Text.Trim();
        if (text.Length == 0)
        {
            return null;
        }

        var at = text.LastIndexOf(':');
        var (host, port) = (text, usualPort);
        if (at > text.LastIndexOf(']') && text.IndexOf(':', StringComparison.Ordinal) >= (text[0] == '[' ? 1 : at))
        {
            host = text[..at];
            if (!int.TryParse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535)
            {
                errors.Set(name, "Type host:port, such as " + example + ".");
                return null;
            }
        }

        return new LegacyHost(host.Trim('[', ']'), port, Enum.Parse<LegacyEncryption>(Encryption), Proxy);
    }
}
