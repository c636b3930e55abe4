using Microsoft.Extensions.Options;
using SaaS.Domain.Dns;
using SaaS.MailHost.MailAuth;
using SaaS.MailHost.MailAuth.Dmarc;
using SaaS.MailHost.Net;
using SaaS.MailHost.Smtp;

namespace SaaS.MailHost.Mx;

/// <summary>Looks at the whole message before it is acknowledged: who is it from, is that proven, and what do its recipients do where it is not.</summary>
internal sealed class MessageChecks(
    IDnsResolver dns, DmarcPolicies policies, MailAuthOptions options, IOptions<DataOptions> data, MailAuthMetrics metrics, TimeProvider clock,
    ILogger<MessageChecks> log)
{
    private const int MaxHeader = 1024 * 1024;

    private static readonly SmtpReply HeaderTooLong = new(552, "5.3.4", "The message header is too long.");
    private static readonly SmtpReply ManyFrom = new(550, "5.7.1", "A message has one From field (RFC 5322 section 3.6); this one has more.");

    /// <summary>Null: go on; header lines and the verdict then stand in the transaction.</summary>
    public async ValueTask<SmtpReply?> CheckAsync(SmtpSession session, SmtpTransaction transaction, CancellationToken ct)
    {
        if (!options.Check)
        {
            return null;
        }

        var started = clock.GetTimestamp();
        var message = transaction.Message!;
        var (helo, sender) = (session.ClientName ?? "", transaction.ReversePath?.ToString());
        if (MessageHeader.Read(message) is { } header && header.BodyStart >= message.Length && message.Length > MaxHeader)
        {
            return HeaderTooLong;
        }

        var a = await MessageAuthentication.CheckAsync(
            message, dns, options.AuthServId, session.Connection.RemoteAddress, helo, sender, clock, ct);
        metrics.Checked(a, clock.GetElapsedTime(started));
        log.Authenticated(
            session.MessageName, a.Spf.Result.Word(), a.Spf.Domain, string.Join(',', a.Dkim.Select(d => d.Result.Word()).DefaultIfEmpty("none")),
            a.Arc.Result.Word(), a.Dmarc.Result.Word(), a.Dmarc.Domain, a.Questions);
        if (a.Dmarc.ManyFrom)
        {
            metrics.Acted("reject");
            return ManyFrom;
        }

        if (a.Dmarc.Disposition != DmarcPolicy.None && await ActAsync(session, transaction, a.Dmarc, ct) is { } refused)
        {
            return refused;
        }

        if (AuthenticationResults.WithoutOurs(message, options.AuthServId, data.Value.SpoolPath) is { } clean)
        {
            transaction.Replace(clean);
        }

        transaction.Verdict = a;
        transaction.ExtraHeader += $"Authentication-Results: {AuthenticationResults.Value(a, options.AuthServId, helo, sender)}\r\n";
        if (options.ReceivedSpf)
        {
            transaction.ExtraHeader += AuthenticationResults.ReceivedSpf(a, options.AuthServId, helo, sender);
        }

        return null;
    }

    // One reply stands for all recipients: it is refused where all of them have it so, else each has its own.
    private async Task<SmtpReply?> ActAsync(SmtpSession session, SmtpTransaction transaction, DmarcResult dmarc, CancellationToken ct)
    {
        var found = await policies.FindAsync(transaction.Recipients.Select(r => r.Address.Domain), ct);
        string Of(SmtpRecipient r) => found.GetValueOrDefault(r.Address.Domain) ?? "honour";
        var reject = dmarc.Disposition == DmarcPolicy.Reject && transaction.Recipients.TrueForAll(r => Of(r) == "honour");
        var junk = false;
        foreach (var recipient in transaction.Recipients)
        {
            junk |= recipient.Junk = !reject && Of(recipient) != "mark";
        }

        var action = reject ? "reject" : junk ? "junk" : "mark";
        metrics.Acted(action);
        log.Failed(session.MessageName, dmarc.Domain, dmarc.Policy!.Value.Word(), action, dmarc.Reason);

        // RFC 7372 §3.3 has 5.7.26 for this.
        return reject
            ? new SmtpReply(550, "5.7.26", $"{dmarc.Domain} has mail refused that fails DMARC, as this does: {Ascii(dmarc.Reason)}.")
            : null;
    }

    private static string Ascii(string? text) => new([.. (text ?? "").Take(300).Select(c => c is >= ' ' and <= '~' ? c : '?')]);
}
