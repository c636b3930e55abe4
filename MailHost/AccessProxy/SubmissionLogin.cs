using System.Globalization;
using System.Net.Sockets;
using System.Text;
using SaaS.Domain.LegacyPlatforms;

namespace SaaS.MailHost.AccessProxy;

/// <summary>Signs in at a submission server.</summary>
/// <remarks>RFC 6409, AUTH RFC 4954 §4, STARTTLS RFC 3207; XCLIENT as Postfix defined it: only the attributes that the server names.</remarks>
internal static class SubmissionLogin
{
    public static async Task RunAsync(LegacyConnection c, LegacyLogin login, CancellationToken ct)
    {
        var greeting = await ReadAsync(c, ct);
        if (greeting.Code != 220)
        {
            throw LegacyException.Unavailable($"Greeting: {greeting}");
        }

        var extensions = await HelloAsync(c, login.HostName, ct);
        if (c.Endpoint.Tls == LegacyTls.StartTls)
        {
            if (!extensions.ContainsKey("STARTTLS") || (await AskAsync(c, "STARTTLS", ct)).Code != 220)
            {
                throw LegacyException.Unavailable("It offers no STARTTLS.");
            }

            await c.StartTlsAsync(ct);
            extensions = await HelloAsync(c, login.HostName, ct);
        }

        if (login.Platform.SendXClient && extensions.TryGetValue("XCLIENT", out var attributes))
        {
            var answer = await AskAsync(c, XClient(login.Client, attributes), ct);
            if (answer.Code != 220)
            {
                throw LegacyException.Unavailable($"XCLIENT: {answer}");
            }

            // The session begins anew, in Postfix without a greeting of its own.
            extensions = await HelloAsync(c, login.HostName, ct);
        }

        Check(await AuthenticateAsync(c, login, extensions.GetValueOrDefault("AUTH") ?? [], ct));
    }

    internal static async Task<LegacyReply> ReadAsync(LegacyConnection c, CancellationToken ct)
    {
        var lines = new List<string>();
        while (lines.Count < 200)
        {
            var line = await c.ReadLineAsync(ct);
            if (line.Length < 3 || !int.TryParse(line.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var code) || code is < 200 or > 599)
            {
                throw LegacyException.Unavailable("It does not speak SMTP.");
            }

            lines.Add(line.Length > 4 ? line[4..] : "");
            if (line.Length == 3 || line[3] == ' ')
            {
                return new LegacyReply(code, lines);
            }
        }

        throw LegacyException.Unavailable("Its reply does not end.");
    }

    internal static async Task<LegacyReply> AskAsync(LegacyConnection c, string line, CancellationToken ct)
    {
        await c.SendAsync(line + "\r\n", ct);
        return await ReadAsync(c, ct);
    }

    /// <summary>Keywords with their parameters.</summary>
    internal static async Task<Dictionary<string, string[]>> HelloAsync(LegacyConnection c, string name, CancellationToken ct, string verb = "EHLO")
    {
        var reply = await AskAsync(c, $"{verb} {name}", ct);
        if (reply.Code != 250)
        {
            throw LegacyException.Unavailable($"{verb}: {reply}");
        }

        var found = new Dictionary<string, string[]>(StringComparer.OrdinalIgnoreCase);
        foreach (var words in reply.Lines.Skip(1).Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(w => w.Length > 0))
        {
            found[words[0]] = words[1..];
        }

        return found;
    }

    private static async Task<LegacyReply> AuthenticateAsync(LegacyConnection c, LegacyLogin login, string[] mechanisms, CancellationToken ct)
    {
        if (mechanisms.Contains("PLAIN", StringComparer.OrdinalIgnoreCase))
        {
            return await AskAsync(c, $"AUTH PLAIN {login.Plain}", ct);
        }

        if (login.ActAs.Length > 0 || !mechanisms.Contains("LOGIN", StringComparer.OrdinalIgnoreCase))
        {
            throw LegacyException.Unavailable("It takes no password in PLAIN or LOGIN.");
        }

        var reply = await AskAsync(c, "AUTH LOGIN", ct);
        foreach (var answer in (string[])[login.User, login.Password])
        {
            reply = reply.Code == 334 ? await AskAsync(c, Convert.ToBase64String(Encoding.UTF8.GetBytes(answer)), ct) : reply;
        }

        return reply;
    }

    private static string XClient(ClientSide client, string[] attributes)
    {
        var line = new StringBuilder("XCLIENT");
        void Add(string name, string value)
        {
            if (attributes.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                line.Append(' ').Append(name).Append('=').Append(value);
            }
        }

        var address = client.Remote.Address;
        Add("NAME", "[UNAVAILABLE]");
        Add("ADDR", address.AddressFamily == AddressFamily.InterNetworkV6 ? $"IPV6:{address}" : address.ToString());
        Add("PORT", client.Remote.Port.ToString(CultureInfo.InvariantCulture));
        Add("PROTO", "ESMTP");
        Add("HELO", client.Helo is { Length: > 0 and <= 255 } helo && helo.All(ch => ch is > ' ' and <= '~' and not ('+' or '=')) ? helo : "[UNAVAILABLE]");
        Add("SESSION", client.Session);
        Add("TTL", "5");
        return line.ToString();
    }

    private static void Check(LegacyReply reply)
    {
        if (reply.Code != 235)
        {
            throw reply.Code is 501 or 534 or 535 or 550 or 554 ? LegacyException.Refused(reply.ToString()) : LegacyException.Unavailable(reply.ToString());
        }
    }
}

/// <summary>A reply of an SMTP or LMTP server.</summary>
internal sealed record LegacyReply(int Code, IReadOnlyList<string> Lines)
{
    public bool Positive => Code < 400;

    public bool Permanent => Code >= 500;

    // Into a row and a bounce: bounded, and no controls.
    public override string ToString()
    {
        var text = $"{Code} {string.Join(' ', Lines)}";
        return string.Concat((text.Length > 1000 ? text[..1000] : text).Select(ch => char.IsControl(ch) ? ' ' : ch));
    }
}
