using Microsoft.EntityFrameworkCore;
using SaaS.Domain.Common;
using SaaS.Domain.Domains;
using SaaS.Domain.Tenants;

namespace SaaS.Domain.Accounts;

/// <summary>Where a new address would stand.</summary>
internal sealed record AddressPlace(MailDomain Domain, Tenant Tenant, string LocalPart, string Address);

/// <summary>Takes addresses for accounts, aliases and groups: one table, so that no two things have one address.</summary>
public sealed class AddressBook(MailDbContext db)
{
    /// <summary>An address as our tables hold it: local key @ A-label domain.</summary>
    public static string KeyOf(MailAddress address) => MailAddress.TryCreate(address.LocalKey, address.Domain, out var key)
        ? key.ToString()
        : address.ToString();

    /// <summary>The proven domain that the address is in. Refusals: Invalid, NotFound (not the caller's domain), NotVerified, Forbidden.</summary>
    internal async Task<Outcome<AddressPlace>> PlaceAsync(string text, CancellationToken ct)
    {
        if (!MailAddress.TryParse(text?.Trim(), out var address) || address.Domain[0] == '[' || address.LocalPart.Contains('+', StringComparison.Ordinal))
        {
            return Refusal.Invalid("address", "This is not an address that can be given out.");
        }

        // Of several claims to one name the proven one counts.
        var domain = await db.Domains.AsNoTracking().Where(x => x.Name == address.Domain).OrderByDescending(x => x.State != DomainState.Pending)
            .FirstOrDefaultAsync(ct);
        if (domain is null)
        {
            return new Refusal(RefusalReason.NotFound, "No such domain.", "address");
        }

        if (db.Caller.Scope is CallerScope.OfAccount)
        {
            return new Refusal(RefusalReason.Forbidden, "Only admins make addresses.");
        }

        if (domain.State == DomainState.Pending)
        {
            return new Refusal(RefusalReason.NotVerified, "Prove the domain first.", "address");
        }

        var tenant = await db.Tenants.AsNoTracking().FirstAsync(x => x.Id == domain.TenantId, ct);
        return new AddressPlace(domain, tenant, address.LocalKey, KeyOf(address));
    }

    internal void Take(AddressPlace place, AddressKind kind, long target) => db.Add(new AddressEntry
    {
        DomainId = place.Domain.Id,
        LocalPart = place.LocalPart,
        TenantId = place.Domain.TenantId,
        Kind = kind,
        TargetId = target,
    });

    internal Task<int> FreeAsync(DomainId domain, string localPart, CancellationToken ct) =>
        db.Addresses.Where(x => x.DomainId == domain && x.LocalPart == localPart).ExecuteDeleteAsync(ct);

    /// <summary>Targets and members as stored: normalised, each once, at most <paramref name="max"/>.</summary>
    internal static Outcome<List<string>> Normalize(IEnumerable<string>? texts, int max, string field)
    {
        var keys = new List<string>();
        foreach (var text in texts ?? [])
        {
            if (!MailAddress.TryParse(text?.Trim(), out var address))
            {
                return Refusal.Invalid(field, $"“{(text is { Length: > 100 } ? text[..100] : text)}” is not a mail address.");
            }

            var key = KeyOf(address);
            if (!keys.Contains(key, StringComparer.Ordinal))
            {
                keys.Add(key);
            }

            if (keys.Count > max)
            {
                return new Refusal(RefusalReason.LimitReached, $"At most {max} addresses.", field);
            }
        }

        return keys;
    }
}
