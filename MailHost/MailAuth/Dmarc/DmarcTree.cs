using System.Net.Sockets;
using SaaS.Domain.Dns;

namespace SaaS.MailHost.MailAuth.Dmarc;

/// <summary>Finds records and organizational domains by walking up the names; asks for each name once.</summary>
/// <remarks>RFC 9989 §4.10.</remarks>
internal sealed class DmarcTree(IDnsResolver dns)
{
    private readonly Dictionary<string, DmarcRecord?> _records = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _organizations = new(StringComparer.Ordinal);

    /// <summary>DNS gave no answer for something that was asked.</summary>
    public bool Incomplete { get; private set; }

    public async ValueTask<DmarcRecord?> RecordAsync(string domain, CancellationToken ct)
    {
        if (_records.TryGetValue(domain, out var known))
        {
            return known;
        }

        var answer = await dns.TxtAsync($"_dmarc.{domain}", ct);
        Incomplete |= answer.Status == DnsStatus.TemporaryError;

        // Of several none holds.
        var found = answer.Records.Where(DmarcRecord.IsRecord).Take(2).ToList();
        return _records[domain] = found is [var one] ? DmarcRecord.Parse(one) : null;
    }

    /// <summary>The domain that <paramref name="domain"/> belongs to, and the record of the public suffix above where the walk ended there.</summary>
    public async ValueTask<string> OrganizationAsync(string domain, CancellationToken ct)
    {
        if (_organizations.TryGetValue(domain, out var known))
        {
            return known;
        }

        var organization = domain;
        var below = domain;
        foreach (var name in Names(domain))
        {
            var record = await RecordAsync(name, ct);
            if (record?.PublicSuffix == 'n')
            {
                organization = name;
                break;
            }

            if (record?.PublicSuffix == 'y' && name != domain)
            {
                organization = below;
                break;
            }

            // Otherwise the record with the fewest labels.
            organization = record is null ? organization : name;
            below = name;
        }

        return _organizations[domain] = organization;
    }

    /// <summary>The record that holds for an author's domain, and where it stands.</summary>
    public async ValueTask<(DmarcRecord Record, string Domain)?> PolicyAsync(string domain, CancellationToken ct)
    {
        if (await RecordAsync(domain, ct) is { } own)
        {
            return (own, domain);
        }

        var organization = await OrganizationAsync(domain, ct);
        if (await RecordAsync(organization, ct) is { } its)
        {
            return (its, organization);
        }

        // The public suffix's own, for those who have none.
        foreach (var name in Names(domain).Skip(1))
        {
            if (await RecordAsync(name, ct) is { PublicSuffix: 'y' } suffix)
            {
                return (suffix, name);
            }
        }

        return null;
    }

    /// <summary>RFC 9989 §3.2.13: neither an address nor a mail exchanger.</summary>
    public async ValueTask<bool> IsNonExistentAsync(string domain, CancellationToken ct) =>
        (await dns.AddressesAsync(domain, AddressFamily.InterNetwork, ct)).Status == DnsStatus.NotFound
        && (await dns.AddressesAsync(domain, AddressFamily.InterNetworkV6, ct)).Status == DnsStatus.NotFound
        && (await dns.MxAsync(domain, ct)).Status == DnsStatus.NotFound;

    // At most eight look-ups, whatever the number of labels.
    private static IEnumerable<string> Names(string domain)
    {
        yield return domain;
        var labels = domain.Split('.');
        for (var n = Math.Min(labels.Length - 1, 7); n >= 1; n--)
        {
            yield return string.Join('.', labels[^n..]);
        }
    }
}
