using System.Net;
using SaaS.Domain.Dns;
using SaaS.Domain.Messages;
using SaaS.MailHost.MailAuth.Arc;
using SaaS.MailHost.MailAuth.Bimi;
using SaaS.MailHost.MailAuth.Dkim;
using SaaS.MailHost.MailAuth.Dmarc;
using SaaS.MailHost.MailAuth.Spf;

namespace SaaS.MailHost.MailAuth;

/// <summary>Everything that was proven of a message, or not. Crosses to whatever judges the message after.</summary>
internal sealed record MessageAuthentication(
    ReverseLookup Iprev, SpfResult Spf, IReadOnlyList<DkimResult> Dkim, ArcResult Arc, DmarcResult Dmarc, BimiIndicator? Bimi, int Questions)
{
    private const int DmarcQuestions = 20;

    /// <summary>All methods over one reading of the body and one budget of questions to DNS. Never throws for what a stranger wrote.</summary>
    /// <param name="message">As received, CRLF line ends only.</param>
    /// <param name="resolver">DNS.</param>
    /// <param name="receiver">Our host name.</param>
    /// <param name="address">Of the client.</param>
    /// <param name="helo">As the client said it.</param>
    /// <param name="sender">Reverse-path; null: the null one.</param>
    /// <param name="clock">For expiry.</param>
    /// <param name="ct">Ends it.</param>
    public static async Task<MessageAuthentication> CheckAsync(
        MessageBytes message, IDnsResolver resolver, string receiver, IPAddress address, string helo, string? sender, TimeProvider clock, CancellationToken ct)
    {
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var dns = new DnsBudget(resolver, clock);
        var header = MessageHeader.Read(message);
        var spf = await new SpfChecker(dns, clock, receiver).CheckAsync(address, helo, sender, ct);
        var verifier = new DkimVerifier(dns, clock);
        var dkim = await verifier.VerifyAsync(message, header, ct);

        // Whatever the sender had us ask before: its policy is looked up.
        dns.Grant(DmarcQuestions);
        var dmarc = await new DmarcChecker(dns).CheckAsync(header, spf, dkim, dns, ct);
        var arc = await new ArcVerifier(verifier).VerifyAsync(message, header, ct);
        var bimi = await BimiIndicator.FindAsync(dns, dmarc, ct);
        var iprev = await ReverseLookup.FindAsync(dns, address, ct);
        return new MessageAuthentication(iprev, spf, dkim, arc, dmarc, bimi, dns.Asked);
    }
}
