using System.Globalization;
using SaaS.Domain.LegacyPlatforms;

namespace SaaS.MailHost.AccessProxy;

/// <summary>Signs in at a ManageSieve server. A REFERRAL is not followed: what an admin named is where connections go.</summary>
/// <remarks>RFC 5804 §1.2, §2.1, §2.2. XCLIENT is Dovecot's, with atoms where everything else has strings.</remarks>
internal static class ManageSieveLogin
{
    private const int MaxLines = 200;

    public static async Task RunAsync(LegacyConnection c, LegacyLogin login, CancellationToken ct)
    {
        var capabilities = await CapabilitiesAsync(c, ct);
        if (c.Endpoint.Tls == LegacyTls.StartTls)
        {
            if (!capabilities.ContainsKey("STARTTLS"))
            {
                throw LegacyException.Unavailable("It offers no STARTTLS.");
            }

            await c.SendAsync("STARTTLS\r\n", ct);
            await AnswerAsync(c, null, ct);
            await c.StartTlsAsync(ct);
            capabilities = await CapabilitiesAsync(c, ct);
        }

        if (login.Platform.SendXClient && capabilities.ContainsKey("XCLIENT"))
        {
            await c.SendAsync(string.Create(CultureInfo.InvariantCulture,
                $"XCLIENT ADDR={login.Client.Remote.Address} PORT={login.Client.Remote.Port} SESSION={login.Client.Session} TTL=5\r\n"), ct);
            await AnswerAsync(c, null, ct);
        }

        if (!capabilities.GetValueOrDefault("SASL", "").Split(' ').Contains("PLAIN", StringComparer.OrdinalIgnoreCase))
        {
            throw LegacyException.Unavailable("It takes no password in PLAIN.");
        }

        await c.SendAsync($"AUTHENTICATE \"PLAIN\" \"{login.Plain}\"\r\n", ct);
        await AnswerAsync(c, null, ct, credentials: true);
    }

    private static async Task<Dictionary<string, string>> CapabilitiesAsync(LegacyConnection c, CancellationToken ct)
    {
        var found = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        await AnswerAsync(c, found, ct);
        return found;
    }

    // Capability lines, then OK, NO or BYE.
    private static async Task AnswerAsync(LegacyConnection c, Dictionary<string, string>? capabilities, CancellationToken ct, bool credentials = false)
    {
        for (var lines = 0; lines < MaxLines; lines++)
        {
            var line = await c.ReadLineAsync(ct);
            if (line.EndsWith('}') && line.LastIndexOf('{') is >= 0 and var open
                && int.TryParse(line.AsSpan(open + 1, line.Length - open - 2).TrimEnd('+'), NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size <= 65_536)
            {
                await c.SkipAsync(size, ct);
                await c.ReadLineAsync(ct);
            }

            if (line.StartsWith('"'))
            {
                var parts = line.Split('"');
                capabilities?.TryAdd(parts[1], parts.Length > 3 ? parts[3] : "");
                continue;
            }

            switch (line.Split(' ', '(')[0].ToUpperInvariant())
            {
                case "OK":
                    return;
                case "NO" when credentials && !line.Contains("TRYLATER", StringComparison.OrdinalIgnoreCase):
                    throw LegacyException.Refused(line);
                default:
                    throw LegacyException.Unavailable(line);
            }
        }

        throw LegacyException.Unavailable("It does not come to an answer.");
    }
}
