namespace SaaS.MailHost.Smtp;

internal enum SmtpState
{
    /// <summary>No EHLO yet, or TLS has just begun.</summary>
    Connected,
    Greeted,
    /// <summary>MAIL was accepted, no recipient yet.</summary>
    Mail,
    /// <summary>At least one recipient was accepted.</summary>
    Recipients,
    /// <summary>Between BDAT chunks.</summary>
    Chunks,
}

/// <summary>The order of commands (RFC 5321 §4.1.4): state × verb → state after success. A command that ends a transaction sets Greeted itself.</summary>
internal static class SmtpStateTable
{
    private static readonly string[] Anytime = ["RSET", "NOOP", "HELP", "VRFY", "EXPN", "QUIT"];

    private static readonly Dictionary<SmtpState, Dictionary<string, SmtpState>> Table = new()
    {
        [SmtpState.Connected] = new()
        {
            ["EHLO"] = SmtpState.Greeted,
            ["HELO"] = SmtpState.Greeted,
            ["LHLO"] = SmtpState.Greeted,
        },
        [SmtpState.Greeted] = new()
        {
            ["EHLO"] = SmtpState.Greeted,
            ["HELO"] = SmtpState.Greeted,
            ["LHLO"] = SmtpState.Greeted,
            ["STARTTLS"] = SmtpState.Connected,
            ["AUTH"] = SmtpState.Greeted,
            ["MAIL"] = SmtpState.Mail,
        },
        [SmtpState.Mail] = new()
        {
            ["EHLO"] = SmtpState.Greeted,
            ["HELO"] = SmtpState.Greeted,
            ["LHLO"] = SmtpState.Greeted,
            ["RCPT"] = SmtpState.Recipients,
        },
        [SmtpState.Recipients] = new()
        {
            ["EHLO"] = SmtpState.Greeted,
            ["HELO"] = SmtpState.Greeted,
            ["LHLO"] = SmtpState.Greeted,
            ["RCPT"] = SmtpState.Recipients,
            ["DATA"] = SmtpState.Greeted,
            ["BDAT"] = SmtpState.Chunks,
        },
        [SmtpState.Chunks] = new()
        {
            ["EHLO"] = SmtpState.Greeted,
            ["HELO"] = SmtpState.Greeted,
            ["LHLO"] = SmtpState.Greeted,
            ["BDAT"] = SmtpState.Chunks,
        },
    };

    public static bool TryNext(SmtpState state, string verb, out SmtpState next)
    {
        next = state;
        return Array.IndexOf(Anytime, verb) >= 0 || Table[state].TryGetValue(verb, out next);
    }

    /// <summary>"503 …": which commands make sense here.</summary>
    public static SmtpReply OutOfOrder(SmtpState state, string verb, bool lmtp) => (state, verb) switch
    {
        // All recipients were refused, and the client had pipelined the rest (RFC 2920 §3.1, RFC 3030 §4.2); LMTP asks for 503 (RFC 2033 §4.2).
        (SmtpState.Mail, "DATA" or "BDAT") => lmtp ? new SmtpReply(503, "5.5.1", "No valid recipients.") : new SmtpReply(554, "5.5.1", "No valid recipients."),
        _ => new SmtpReply(503, "5.5.1", "Expected " + string.Join(" ", Table[state].Keys.Where(v => v is "LHLO" == lmtp || v is not ("EHLO" or "HELO" or "LHLO"))) + "."),
    };
}
