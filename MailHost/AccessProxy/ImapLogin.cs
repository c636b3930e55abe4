using System.Globalization;
using System.Text;
using SaaS.Domain.LegacyPlatforms;

namespace SaaS.MailHost.AccessProxy;

/// <summary>Signs in at an IMAP server, as far as the tagged OK.</summary>
/// <remarks>RFC 9051 §6.2, STARTTLS §11.1; SASL-IR RFC 4959; ID RFC 2971. A PREAUTH greeting is no answer to a password, and is refused.</remarks>
internal static class ImapLogin
{
    private const int MaxLines = 200;

    /// <summary>The capabilities after login, as they follow the word CAPABILITY. Throws <see cref="LegacyException"/>.</summary>
    public static async Task<string> RunAsync(LegacyConnection c, LegacyLogin login, CancellationToken ct)
    {
        var greeting = await c.ReadLineAsync(ct);
        if (!greeting.StartsWith("* OK", StringComparison.OrdinalIgnoreCase))
        {
            throw LegacyException.Unavailable($"Greeting: {greeting}");
        }

        var capabilities = CapabilityCode(greeting);
        if (c.Endpoint.Tls == LegacyTls.StartTls)
        {
            capabilities ??= await AskCapabilitiesAsync(c, ct);
            if (!Has(capabilities, "STARTTLS"))
            {
                throw LegacyException.Unavailable("It offers no STARTTLS.");
            }

            if (await CommandAsync(c, "S", "STARTTLS", ct) is not { Ok: true })
            {
                throw LegacyException.Unavailable("It refuses STARTTLS.");
            }

            await c.StartTlsAsync(ct);
            capabilities = null;
        }

        capabilities ??= await AskCapabilitiesAsync(c, ct);
        if (login.Platform.SendImapId && Has(capabilities, "ID"))
        {
            var (remote, local) = (login.Client.Remote, login.Client.Local);
            await CommandAsync(c, "I", string.Create(CultureInfo.InvariantCulture,
                $"""ID ("x-session-id" "{login.Client.Session}" "x-originating-ip" "{remote.Address}" "x-originating-port" "{remote.Port}" "x-connected-ip" "{local.Address}" "x-connected-port" "{local.Port}" "x-proxy-ttl" "5")"""), ct);
        }

        var answer = await AuthenticateAsync(c, login, capabilities, ct);
        if (!answer.Ok)
        {
            throw Code(answer.Text) is "UNAVAILABLE" or "INUSE" or "LIMIT" or "SERVERBUG"
                ? LegacyException.Unavailable(answer.Text)
                : LegacyException.Refused(answer.Text);
        }

        return Clean(CapabilityCode(answer.Text) ?? answer.Capabilities ?? await AskCapabilitiesAsync(c, ct));
    }

    private sealed record Answer(bool Ok, string Text, string? Capabilities);

    private static async Task<Answer> AuthenticateAsync(LegacyConnection c, LegacyLogin login, string capabilities, CancellationToken ct)
    {
        if (Has(capabilities, "AUTH=PLAIN"))
        {
            return Has(capabilities, "SASL-IR")
                ? await CommandAsync(c, "A", $"AUTHENTICATE PLAIN {login.Plain}", ct)
                : await CommandAsync(c, "A", "AUTHENTICATE PLAIN", ct, login.Plain);
        }

        if (login.ActAs.Length > 0 || Has(capabilities, "LOGINDISABLED"))
        {
            throw LegacyException.Unavailable("It takes no password in PLAIN.");
        }

        var more = new List<string>();
        var line = $"LOGIN {AString(login.User, more)}";
        if (more.Count > 0)
        {
            more[^1] += $" {AString(login.Password, more)}";
        }
        else
        {
            line += $" {AString(login.Password, more)}";
        }

        return await CommandAsync(c, "A", line, ct, [.. more]);
    }

    // A quoted string, or a synchronising literal whose octets follow when the server asks for them.
    private static string AString(string text, List<string> more)
    {
        if (text.All(ch => ch is >= ' ' and <= '~'))
        {
            return $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
        }

        more.Add(text);
        return string.Create(CultureInfo.InvariantCulture, $"{{{Encoding.UTF8.GetByteCount(text)}}}");
    }

    private static async Task<string> AskCapabilitiesAsync(LegacyConnection c, CancellationToken ct) =>
        await CommandAsync(c, "C", "CAPABILITY", ct) is { Ok: true, Capabilities: { } found } ? found : throw LegacyException.Unavailable("It tells no capabilities.");

    private static async Task<Answer> CommandAsync(LegacyConnection c, string tag, string command, CancellationToken ct, params string[] continuations)
    {
        await c.SendAsync($"{tag} {command}\r\n", ct);
        var sent = 0;
        string? capabilities = null;
        for (var lines = 0; lines < MaxLines; lines++)
        {
            var line = await ReadAsync(c, ct);
            if (line.StartsWith('+'))
            {
                if (sent == continuations.Length)
                {
                    throw LegacyException.Unavailable("It asks for more than there is.");
                }

                await c.SendAsync(continuations[sent++] + "\r\n", ct);
            }
            else if (line.StartsWith("* CAPABILITY ", StringComparison.OrdinalIgnoreCase))
            {
                capabilities = line["* CAPABILITY ".Length..];
            }
            else if (line.StartsWith("* BYE", StringComparison.OrdinalIgnoreCase))
            {
                throw LegacyException.Unavailable(line);
            }
            else if (line.StartsWith(tag + " ", StringComparison.OrdinalIgnoreCase))
            {
                var text = line[(tag.Length + 1)..];
                return new Answer(text.StartsWith("OK", StringComparison.OrdinalIgnoreCase), text, capabilities);
            }
        }

        throw LegacyException.Unavailable("It does not come to an answer.");
    }

    // Untagged responses (ID, for one) may hold literals; nothing of them is used.
    private static async Task<string> ReadAsync(LegacyConnection c, CancellationToken ct)
    {
        var first = await c.ReadLineAsync(ct);
        var line = first;
        for (var literals = 0; line.EndsWith('}') && line.LastIndexOf('{') is >= 0 and var open; literals++)
        {
            if (literals > 20 || !int.TryParse(line.AsSpan(open + 1, line.Length - open - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var size) || size > 65_536)
            {
                break;
            }

            await c.SkipAsync(size, ct);
            line = await c.ReadLineAsync(ct);
        }

        return first;
    }

    private static string? Code(string text) =>
        text.IndexOf('[', StringComparison.Ordinal) is >= 0 and var open && text.IndexOf(']', open) is > 0 and var close
            ? text[(open + 1)..close].Split(' ')[0].ToUpperInvariant()
            : null;

    private static string? CapabilityCode(string text) =>
        text.IndexOf("[CAPABILITY ", StringComparison.OrdinalIgnoreCase) is >= 0 and var at && text.IndexOf(']', at) is > 0 and var end
            ? text[(at + "[CAPABILITY ".Length)..end]
            : null;

    private static bool Has(string capabilities, string name) => capabilities.Split(' ').Contains(name, StringComparer.OrdinalIgnoreCase);

    // It goes into a line of ours: atoms only.
    private static string Clean(string capabilities) => string.Join(' ', capabilities.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Where(a => a.All(ch => ch is > ' ' and <= '~' and not (']' or '"' or '\\' or '(' or ')' or '{'))));
}
