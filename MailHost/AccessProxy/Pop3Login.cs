using System.Globalization;
using SaaS.Domain.Common;
using SaaS.Domain.LegacyPlatforms;

namespace SaaS.MailHost.AccessProxy;

/// <summary>Signs in at a POP3 server.</summary>
/// <remarks>RFC 1939 §7, STLS RFC 2595 §4, AUTH RFC 5034, response codes RFC 2449 §8 and RFC 3206. XCLIENT is Dovecot's: it offers it in its greeting.</remarks>
internal static class Pop3Login
{
    public static async Task RunAsync(LegacyConnection c, LegacyLogin login, CancellationToken ct)
    {
        var greeting = await c.ReadLineAsync(ct);
        if (!IsOk(greeting))
        {
            throw LegacyException.Unavailable($"Greeting: {greeting}");
        }

        if (c.Endpoint.Tls == LegacyTls.StartTls)
        {
            if (!IsOk(await AskAsync(c, "STLS", ct)))
            {
                throw LegacyException.Unavailable("It refuses STLS.");
            }

            await c.StartTlsAsync(ct);
        }

        if (login.Platform.SendXClient && greeting.Contains("[XCLIENT]", StringComparison.OrdinalIgnoreCase))
        {
            var answer = await AskAsync(c, string.Create(CultureInfo.InvariantCulture,
                $"XCLIENT ADDR={login.Client.Remote.Address} PORT={login.Client.Remote.Port} SESSION={login.Client.Session} TTL=5"), ct);
            if (!IsOk(answer))
            {
                throw LegacyException.Unavailable($"XCLIENT: {answer}");
            }
        }

        if (login.ActAs.Length > 0)
        {
            var challenge = await AskAsync(c, "AUTH PLAIN", ct);
            Check(challenge.StartsWith('+') ? await AskAsync(c, login.Plain, ct) : challenge);
            return;
        }

        var user = await AskAsync(c, $"USER {login.User}", ct);
        Check(user);
        Check(await AskAsync(c, $"PASS {login.Password}", ct));
    }

    private static async Task<string> AskAsync(LegacyConnection c, string line, CancellationToken ct)
    {
        await c.SendAsync(line + "\r\n", ct);
        return await c.ReadLineAsync(ct);
    }

    private static bool IsOk(string line) => line.StartsWith("+OK", StringComparison.OrdinalIgnoreCase);

    private static void Check(string answer)
    {
        if (!IsOk(answer))
        {
            throw answer.Contains("[SYS/TEMP]", StringComparison.OrdinalIgnoreCase) ? LegacyException.Unavailable(answer)
                : answer.Contains("[IN-USE]", StringComparison.OrdinalIgnoreCase) ? new LegacyException(RefusalReason.Conflict, answer)
                : LegacyException.Refused(answer);
        }
    }
}
