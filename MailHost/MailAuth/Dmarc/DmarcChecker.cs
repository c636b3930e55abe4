using MimeKit;
using SaaS.Domain.Common;
using SaaS.Domain.Dns;
using SaaS.MailHost.MailAuth.Dkim;
using SaaS.MailHost.MailAuth.Spf;

namespace SaaS.MailHost.MailAuth.Dmarc;

/// <summary>What DMARC says of a message.</summary>
/// <param name="Domain">Of From, A-label form; empty where From names none.</param>
/// <param name="PolicyDomain">Where the record stands.</param>
/// <param name="Policy">What its owner asks for; null: no record.</param>
/// <param name="Disposition">What is to be done now: none where it passed or the owner only tries it out.</param>
/// <param name="SpfAligned">SPF passed for the author's domain.</param>
/// <param name="DkimAligned">A signature of the author's domain passed.</param>
/// <param name="Reason">In words for people.</param>
/// <param name="ManyFrom">There is not exactly one From field.</param>
internal sealed record DmarcResult(
    AuthResult Result, string Domain, string? PolicyDomain = null, DmarcPolicy? Policy = null, DmarcPolicy Disposition = DmarcPolicy.None,
    bool SpfAligned = false, bool DkimAligned = false, string? Reason = null, bool ManyFrom = false, DmarcRecord? Record = null);

/// <summary>Compares what SPF and DKIM proved with who the reader is shown as the author: every mailbox of From.</summary>
/// <remarks>RFC 9989, successor of RFC 7489.</remarks>
internal sealed class DmarcChecker(IDnsResolver dns)
{
    private const int MaxFrom = 16 * 1024;
    private const int MaxAuthors = 5;

    private readonly DmarcTree _tree = new(dns);

    /// <param name="header">Of the message.</param>
    /// <param name="spf">Of the reverse-path or HELO.</param>
    /// <param name="dkim">All signatures.</param>
    /// <param name="budget">Whose exhaustion is the sender's doing and no temporary trouble; null: none.</param>
    /// <param name="ct">Ends it.</param>
    public async Task<DmarcResult> CheckAsync(
        MessageHeader header, SpfResult? spf, IReadOnlyList<DkimResult> dkim, DnsBudget? budget, CancellationToken ct)
    {
        var fields = header.All("from").Take(2).ToList();
        if (fields.Count != 1)
        {
            return new DmarcResult(
                AuthResult.PermError, "", Reason: fields.Count == 0 ? "there is no From" : "there is more than one From", ManyFrom: fields.Count > 1);
        }

        if (Authors(fields[0]) is not { Count: > 0 and <= MaxAuthors } domains)
        {
            return new DmarcResult(AuthResult.PermError, "", Reason: "From names no author that can be checked");
        }

        // The worst of all holds: a reader believes the one that is shown.
        DmarcResult? worst = null;
        foreach (var domain in domains)
        {
            var result = await CheckAsync(domain, spf, dkim, budget, ct);
            worst = worst is null || Rank(result) > Rank(worst) ? result : worst;
        }

        return worst!;
    }

    private async Task<DmarcResult> CheckAsync(
        string domain, SpfResult? spf, IReadOnlyList<DkimResult> dkim, DnsBudget? budget, CancellationToken ct)
    {
        if (await _tree.PolicyAsync(domain, ct) is not var (record, at))
        {
            return _tree.Incomplete
                ? new DmarcResult(AuthResult.TempError, domain, Reason: "DNS does not answer")
                : new DmarcResult(AuthResult.None, domain, Reason: "no DMARC record");
        }

        var spfAligned = spf is { Result: AuthResult.Pass } && await AlignedAsync(spf.Domain, domain, record.StrictSpf, ct);
        var dkimAligned = false;
        foreach (var signer in dkim.Where(d => d is { Result: AuthResult.Pass, Partial: false }).Select(d => Normal(d.Domain)).Distinct())
        {
            dkimAligned = dkimAligned || await AlignedAsync(signer, domain, record.StrictDkim, ct);
        }

        var policy = record.Policy;
        if (at != domain)
        {
            policy = record.Subdomains ?? record.Policy;
            if (record.NonExistent is { } np && np != policy && await _tree.IsNonExistentAsync(domain, ct))
            {
                policy = np;
            }
        }

        var result = new DmarcResult(AuthResult.Pass, domain, at, policy, DmarcPolicy.None, spfAligned, dkimAligned, Record: record);
        if (spfAligned || dkimAligned)
        {
            return result;
        }

        // What could not be looked up might have passed; but not where the sender saw to it that it could not.
        var open = (spf is { Result: AuthResult.TempError } && await AlignedAsync(spf.Domain, domain, record.StrictSpf, ct))
            || dkim.Any(d => d.Result == AuthResult.TempError && DkimSignature.IsWithin(Normal(d.Domain), at));
        if ((open || _tree.Incomplete) && budget is not { Exhausted: true })
        {
            return result with { Result = AuthResult.TempError, Reason = "DNS does not answer" };
        }

        // t=y asks for the next milder one.
        var disposition = !record.Testing ? policy : policy == DmarcPolicy.Reject ? DmarcPolicy.Quarantine : DmarcPolicy.None;
        return result with { Result = AuthResult.Fail, Disposition = disposition, Reason = Why(spf, dkim, domain) };
    }

    private async ValueTask<bool> AlignedAsync(string identifier, string author, bool strict, CancellationToken ct)
    {
        identifier = Normal(identifier);
        return identifier == author
            || (!strict && LastLabel(identifier) == LastLabel(author)
                && await _tree.OrganizationAsync(identifier, ct) == await _tree.OrganizationAsync(author, ct));
    }

    /// <summary>The domains of all of From's mailboxes; null where one of them cannot be read.</summary>
    private static List<string>? Authors(MessageField from)
    {
        if (from.Value.Length > MaxFrom || !InternetAddressList.TryParse(System.Text.Encoding.Latin1.GetBytes(from.Value), out var list))
        {
            return null;
        }

        var domains = new List<string>();
        foreach (var mailbox in list.Mailboxes)
        {
            if (!DomainName.TryNormalize(mailbox.Domain, out var domain))
            {
                return null;
            }

            if (!domains.Contains(domain))
            {
                domains.Add(domain);
            }

            if (domains.Count > MaxAuthors)
            {
                return null;
            }
        }

        return domains;
    }

    private static string Why(SpfResult? spf, IReadOnlyList<DkimResult> dkim, string domain)
    {
        var reasons = new List<string>
        {
            spf is null or { Result: AuthResult.None } ? "no SPF"
                : spf.Result == AuthResult.Pass ? $"SPF passed for {spf.Domain}, not for {domain}"
                : $"SPF {spf.Result.Word()} for {spf.Domain}",
        };
        if (dkim.Count == 0)
        {
            reasons.Add("no DKIM signature");
        }

        foreach (var d in dkim.Take(3))
        {
            reasons.Add(d switch
            {
                { Result: AuthResult.Pass, Partial: true } => $"the signature of {d.Domain} covers only a part of the body",
                { Result: AuthResult.Pass } => $"DKIM passed for {d.Domain}, not for {domain}",
                _ => $"DKIM {d.Result.Word()} for {d.Domain}",
            });
        }

        return string.Join("; ", reasons);
    }

    private static int Rank(DmarcResult r) => r.Result switch
    {
        AuthResult.Fail => 10 + (int)r.Disposition,
        AuthResult.TempError => 5,
        AuthResult.None => 1,
        _ => 0,
    };

    private static string Normal(string domain) => DomainName.TryNormalize(domain, out var normal) ? normal : domain.ToLowerInvariant();

    private static string LastLabel(string domain) => domain[(domain.LastIndexOf('.') + 1)..];
}
