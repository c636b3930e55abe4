using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using SaaS.Domain.Domains;

namespace SaaS.Domain.Branding;

/// <summary>What a host shows.</summary>
/// <param name="LogoTag">Changes with the logo; null: it has none.</param>
/// <param name="Known">False: the name is neither the platform's nor any customer's, so nothing may be built from it.</param>
public sealed record ShownBrand(
    long? BrandId, string Name, string PrimaryColor, string AccentColor, string? LogoTag, string? SupportUrl, bool Known = true);

/// <summary>
/// The brand of each host name, for everybody and before sign-in; remembered for some seconds. A host shows the brand that it was given; a host
/// below a proven domain that of the domain's tenant, else of its reseller; all others the platform's own.
/// </summary>
public sealed class HostBrands(PlatformQuery platform, PlatformHosts hosts, TimeProvider time)
{
    public static readonly ShownBrand Default = new(null, "Postyard", "#3b5bdb", "#0ca678", null, null);

    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<string, (ShownBrand Brand, long At)> _known = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="host">Host name without a port.</param>
    /// <param name="ct">Cancels the look-up.</param>
    public async ValueTask<ShownBrand> OfAsync(string host, CancellationToken ct)
    {
        if (_known.TryGetValue(host, out var known) && time.GetElapsedTime(known.At) < Lifetime)
        {
            return known.Brand;
        }

        var name = host.ToLowerInvariant();
        var brand = await platform.AskAsync(db => FindAsync(db, name, ct));
        if (_known.Count > 10_000)
        {
            _known.Clear(); // hosts come from clients
        }

        _known[host] = (brand, time.GetTimestamp());
        return brand;
    }

    public void Forget() => _known.Clear();

    public Task<(byte[] Bytes, string Type)?> LogoAsync(long brandId, CancellationToken ct) => platform.AskAsync(async db =>
        await db.Brands.Where(x => x.Id == brandId && x.Logo != null).Select(x => new { x.Logo, x.LogoType }).FirstOrDefaultAsync(ct) is { } found
            ? (found.Logo!, found.LogoType!)
            : default((byte[], string)?));

    private async Task<ShownBrand> FindAsync(MailDbContext db, string host, CancellationToken ct)
    {
        // A loopback name shows a brand too where it was given one: so a trial on one machine sees them side by side.
        if (host.Length <= 253 && !hosts.IsNamed(host)
            && await ShowAsync(db.Brands.Where(b => db.BrandHosts.Any(h => h.Host == host && h.BrandId == b.Id)), ct) is { } given)
        {
            return given;
        }

        if (host.Length <= 253 && !hosts.Has(host))
        {
            string[] above = [host, .. DomainRules.Parents(host)];
            var owner = await db.Domains.Where(d => d.State == DomainState.Verified && above.Contains(d.Name)).OrderByDescending(d => d.Name.Length)
                .Select(d => new { Tenant = d.TenantId, Reseller = db.Tenants.Where(t => t.Id == d.TenantId).Select(t => t.ResellerId).First() })
                .FirstOrDefaultAsync(ct);
            if (owner is not null)
            {
                return await ShowAsync(db.Brands.Where(b => b.TenantId == owner.Tenant), ct)
                    ?? await ShowAsync(db.Brands.Where(b => b.TenantId == null && b.ResellerId == owner.Reseller), ct)
                    ?? await PlatformAsync(db, ct);
            }
        }

        return await PlatformAsync(db, ct) with { Known = hosts.AllowAny || hosts.Has(host) };
    }

    private static async Task<ShownBrand> PlatformAsync(MailDbContext db, CancellationToken ct) =>
        await ShowAsync(db.Brands.Where(b => b.TenantId == null && b.ResellerId == null), ct) ?? Default;

    private static async Task<ShownBrand?> ShowAsync(IQueryable<Brand> query, CancellationToken ct)
    {
        var found = await query.AsNoTracking().Select(b => new { b.Id, b.Name, b.PrimaryColor, b.AccentColor, HasLogo = b.Logo != null, b.Version, b.SupportUrl })
            .FirstOrDefaultAsync(ct);
        return found is null ? null : new ShownBrand(
            found.Id, found.Name, found.PrimaryColor, found.AccentColor,
            found.HasLogo ? found.Version.ToString(CultureInfo.InvariantCulture) : null, found.SupportUrl);
    }
}
