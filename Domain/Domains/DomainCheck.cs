using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using SaaS.Domain.Common;
using SaaS.Domain.Dns;
using SaaS.Domain.Settings;

namespace SaaS.Domain.Domains;

public enum RecordState
{
    Ok = 0,
    Missing = 1,
    Differs = 2,
    /// <summary>DNS gave no usable answer.</summary>
    Unknown = 3,
}

/// <summary>A record to publish, and what DNS shows.</summary>
public sealed record DomainRecord(
    string Purpose, string Type, string Name, string Value, bool Required, RecordState State, IReadOnlyList<string> Seen, string Explanation);

/// <summary>Looks at a domain's DNS: proof of ownership, and the exact records that its mail needs.</summary>
public sealed class DomainCheck(
    MailDbContext db, DomainService domains, DkimKeyService keys, SettingsService settings, IDnsResolver dns, IConfiguration configuration,
    TimeProvider time)
{
    private string MailHost => configuration["Host:Name"] ?? "localhost";

    /// <summary>Proves the domain when its TXT record is there. Refusals: NotFound, NotVerified (not there yet), AlreadyExists, TemporarilyUnavailable.</summary>
    public async Task<Outcome<MailDomain>> VerifyAsync(DomainId id, CancellationToken ct)
    {
        if (await db.Domains.FirstOrDefaultAsync(x => x.Id == id, ct) is not { } domain)
        {
            return Refusal.NotFound("domain");
        }

        if (db.Caller.Scope is CallerScope.OfAccount)
        {
            return new Refusal(RefusalReason.Forbidden, "Only admins verify domains.");
        }

        if (domain.State != DomainState.Pending)
        {
            return domain;
        }

        var answer = await dns.TxtAsync($"{DomainService.ChallengeLabel}.{domain.Name}", ct);
        return answer.Status == DnsStatus.TemporaryError
                ? new Refusal(RefusalReason.TemporarilyUnavailable, "DNS did not answer; try again in a moment.")
            : answer.Records.Any(r => r.Trim() == domain.VerificationToken) ? await domains.ProveAsync(domain, "domain.verify", ct)
            : new Refusal(RefusalReason.NotVerified, "The TXT record is not visible yet. DNS can take a while to show it.");
    }

    /// <summary>All records, asked from DNS now. Keys whose records are seen begin to sign.</summary>
    public async Task<Outcome<IReadOnlyList<DomainRecord>>> RecordsAsync(DomainId id, CancellationToken ct)
    {
        if (await db.Domains.FirstOrDefaultAsync(x => x.Id == id, ct) is not { } domain)
        {
            return Refusal.NotFound("domain");
        }

        var reseller = await db.Tenants.Where(x => x.Id == domain.TenantId).Select(x => x.ResellerId).FirstAsync(ct);
        var policy = (await settings.ValueAsync(SettingCatalogue.DmarcPolicy, reseller, domain.TenantId, id, null, ct)).GetString();
        var name = domain.Name;
        var checks = new List<Task<DomainRecord>>();
        if (domain.State == DomainState.Pending)
        {
            checks.Add(TxtAsync("ownership", $"{DomainService.ChallengeLabel}.{name}", domain.VerificationToken, true,
                "Proves that the domain is yours.", seen => seen.Trim() == domain.VerificationToken, _ => true, ct));
        }

        checks.Add(MxAsync(name, ct));
        checks.Add(TxtAsync("spf", name, "v=spf1 mx ~all", true, "Says that our servers may send mail of this domain.",
            SpfNamesUs, s => s.StartsWith("v=spf1", StringComparison.OrdinalIgnoreCase), ct));
        var signing = await keys.ListAsync(id, ct);
        foreach (var key in signing)
        {
            checks.Add(TxtAsync("dkim", $"{key.Selector}._domainkey.{name}", DkimKeyService.RecordOf(key), key.Algorithm == DkimAlgorithm.RsaSha256,
                key.Algorithm == DkimAlgorithm.RsaSha256 ? "Lets receivers check our signature (RSA)." : "The same with a modern key (Ed25519).",
                seen => TagOf(seen, "p") == key.PublicKey, _ => true, ct));
        }

        checks.Add(TxtAsync("dmarc", $"_dmarc.{name}", $"v=DMARC1; p={policy}; rua=mailto:postmaster@{name}", true,
            "Says what receivers do with mail that only pretends to be from here.",
            seen => TagOf(seen, "p") is "none" or "quarantine" or "reject", s => s.StartsWith("v=DMARC1", StringComparison.OrdinalIgnoreCase), ct));
        checks.Add(TxtAsync("mtaSts", $"_mta-sts.{name}", $"v=STSv1; id={domain.CreatedAt.ToUnixTimeSeconds()}", false,
            "Asks other servers to deliver to us over verified TLS only; needs the policy at https://mta-sts." + name + "/.well-known/mta-sts.txt too.",
            seen => seen.StartsWith("v=STSv1", StringComparison.OrdinalIgnoreCase), s => s.StartsWith("v=STSv1", StringComparison.OrdinalIgnoreCase), ct));
        checks.Add(CnameAsync("autoconfig", $"autoconfig.{name}", ct));
        var records = await Task.WhenAll(checks);
        await NoteAsync(domain, signing, records, ct);
        return records;
    }

    private async Task NoteAsync(MailDomain domain, IReadOnlyList<DkimKey> signing, DomainRecord[] records, CancellationToken ct)
    {
        foreach (var key in signing.Where(k => k.State == DkimKeyState.Published
            && records.Any(r => r.State == RecordState.Ok && r.Purpose == "dkim" && r.Name.StartsWith(k.Selector + ".", StringComparison.Ordinal))))
        {
            await db.DkimKeys.Where(x => x.Id == key.Id).ExecuteUpdateAsync(s => s.SetProperty(x => x.State, DkimKeyState.Active), ct);
        }

        var now = time.GetUtcNow();
        await db.Domains.Where(x => x.Id == domain.Id).ExecuteUpdateAsync(s => s.SetProperty(x => x.CheckedAt, now), ct);
    }

    private async Task<DomainRecord> MxAsync(string name, CancellationToken ct)
    {
        var answer = await dns.MxAsync(name, ct);
        var seen = answer.Records.Select(r => $"{r.Preference} {r.Exchange.TrimEnd('.')}").ToList();
        var ours = answer.Records.Any(r => string.Equals(r.Exchange.TrimEnd('.'), MailHost, StringComparison.OrdinalIgnoreCase));
        return new DomainRecord(
            "mx", "MX", name, $"10 {MailHost}", true, StateOf(answer.Status, ours, seen.Count > 0), seen, "Brings the domain's mail to us.");
    }

    private async Task<DomainRecord> CnameAsync(string purpose, string name, CancellationToken ct)
    {
        var answer = await dns.CnameAsync(name, ct);
        var seen = answer.Records.Select(r => r.TrimEnd('.')).ToList();
        return new DomainRecord(
            purpose, "CNAME", name, MailHost, false, StateOf(answer.Status, seen.Contains(MailHost, StringComparer.OrdinalIgnoreCase), seen.Count > 0),
            seen, "Lets mail programs find their settings by themselves.");
    }

    private async Task<DomainRecord> TxtAsync(
        string purpose, string name, string value, bool required, string explanation, Func<string, bool> right, Func<string, bool> relevant,
        CancellationToken ct)
    {
        var answer = await dns.TxtAsync(name, ct);
        var seen = answer.Records.Where(relevant).Take(10).ToList();
        return new DomainRecord(
            purpose, "TXT", name, value, required, StateOf(answer.Status, seen.Any(right), seen.Count > 0), seen, explanation);
    }

    private static RecordState StateOf(DnsStatus status, bool right, bool some) =>
        right ? RecordState.Ok : status == DnsStatus.TemporaryError ? RecordState.Unknown : some ? RecordState.Differs : RecordState.Missing;

    // "mx" names the hosts that the MX records lead to, which are ours; or the record includes or names our host.
    private bool SpfNamesUs(string seen) => seen.Split(' ', StringSplitOptions.RemoveEmptyEntries).Any(t =>
        t.TrimStart('+') is var term && (term.Equals("mx", StringComparison.OrdinalIgnoreCase)
            || term.EndsWith(":" + MailHost, StringComparison.OrdinalIgnoreCase)));

    private static string? TagOf(string record, string tag) => record.Split(';', StringSplitOptions.TrimEntries)
        .Select(t => t.Split('=', 2, StringSplitOptions.TrimEntries)).FirstOrDefault(t => t.Length == 2 && t[0] == tag)?[1]
        .Replace(" ", "", StringComparison.Ordinal);
}
