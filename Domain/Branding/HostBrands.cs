using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.EntityFrameworkCore;

namespace SaaS.Domain.Branding;

/// <summary>What a host shows. <paramref name="LogoTag"/> changes with the logo; null: it has none.</summary>
public sealed record ShownBrand(long? BrandId, string Name, string PrimaryColor, string AccentColor, string? LogoTag, string? SupportUrl);

/// <summary>The brand of each host name, for everybody and before sign-in; remembered for some seconds.</summary>
public sealed class HostBrands(PlatformQuery platform, TimeProvider time)
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
        var found = await platform.AskAsync(db => (
            from h in db.BrandHosts
            join b in db.Brands on h.BrandId equals b.Id
            where h.Host == name
            select new { b.Id, b.Name, b.PrimaryColor, b.AccentColor, HasLogo = b.Logo != null, b.Version, b.SupportUrl }).FirstOrDefaultAsync(ct));
        var brand = found is null ? Default : new ShownBrand(
            found.Id, found.Name, found.PrimaryColor, found.AccentColor,
            found.HasLogo ? found.Version.ToString(CultureInfo.InvariantCulture) : null, found.SupportUrl);
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
}
