using System.Globalization;
using Microsoft.EntityFrameworkCore;
using SaaS.Domain.Audit;
using SaaS.Domain.Common;

namespace SaaS.Domain.Branding;

public sealed record BrandContent(string Name, string PrimaryColor, string AccentColor, string? SupportUrl = null);

/// <summary>A brand without the bytes of its logo.</summary>
public sealed record BrandSummary(
    long Id, ResellerId? Reseller, TenantId? Tenant, string Name, string PrimaryColor, string AccentColor, bool HasLogo, string? SupportUrl,
    IReadOnlyList<string> Hosts, IReadOnlyList<HostClaim> Claims, uint Version);

/// <summary>A host that waits for its proof: one of two records at a name that only the host's owner can make.</summary>
public sealed record HostClaim(string Host, string Token)
{
    public static string RecordOf(string host) => $"{Domains.DomainService.ChallengeLabel}.{host}";

    /// <summary>What a TXT record holds.</summary>
    public static string ValueOf(string token) => "postyard-verification=" + token;

    /// <summary>Where a CNAME record leads, for who cannot set TXT.</summary>
    public static string TargetOf(string token, string mailHost) => $"{token}.{mailHost}";
}

/// <summary>Brands of resellers and tenants, their logos and host names.</summary>
public sealed class BrandService(
    MailDbContext db, AuditLog audit, HostBrands shown, PlatformHosts hosts, PlatformQuery platform, Dns.IDnsResolver dns, TimeProvider time)
{
    public const int MaxLogoBytes = 256 * 1024;
    public const int MaxHosts = 50;

    public async Task<Page<BrandSummary>> ListAsync(ListQuery list, CancellationToken ct)
    {
        var query = db.Brands.AsNoTracking().Where(x => x.Id > (list.After ?? 0));
        if (list.Pattern is { } pattern)
        {
            query = query.Where(x => EF.Functions.ILike(x.Name, pattern));
        }

        return list.ToPage(await SummarizeAsync(query.OrderBy(x => x.Id).Take(list.Limit + 1), ct), x => x.Id);
    }

    /// <summary>Makes or changes the brand of a reseller or a tenant; of neither: the platform's own, which only operators do.</summary>
    public async Task<Outcome<BrandSummary>> SaveAsync(
        ResellerId? reseller, TenantId? tenant, BrandContent content, uint? version, CancellationToken ct)
    {
        if (reseller is null && tenant is null && db.Caller.Scope is not CallerScope.Operator)
        {
            return new Refusal(RefusalReason.Forbidden, "Only operators change the platform's brand.");
        }

        if (reseller is { } r && !await db.Resellers.AnyAsync(x => x.Id == r, ct))
        {
            return Refusal.NotFound("reseller");
        }

        if (tenant is { } t && !await db.Tenants.AnyAsync(x => x.Id == t, ct))
        {
            return Refusal.NotFound("tenant");
        }

        var refusal = Names.Check(content.Name, "name") ?? CheckColor(content.PrimaryColor, "primaryColor")
            ?? CheckColor(content.AccentColor, "accentColor") ?? CheckSupport(content.SupportUrl);
        if (refusal is not null)
        {
            return refusal;
        }

        var brand = await db.Brands.FirstOrDefaultAsync(x => x.ResellerId == reseller && x.TenantId == tenant, ct);
        if (brand is null)
        {
            brand = new Brand { ResellerId = reseller, TenantId = tenant, Name = "", PrimaryColor = "", AccentColor = "" };
            db.Add(brand);
        }
        else if (Saving.CheckVersion(version, brand.Version) is { } old)
        {
            return old;
        }

        brand.Name = content.Name.Trim();
        brand.PrimaryColor = content.PrimaryColor.ToLowerInvariant();
        brand.AccentColor = content.AccentColor.ToLowerInvariant();
        brand.SupportUrl = content.SupportUrl;
        audit.Add("brand.save", brand.Name, reseller, tenant, content);
        return await SaveAsync(brand.Name, () => brand.Id, ct);
    }

    /// <summary>PNG, JPEG or WebP, known by its first bytes; null takes the logo away.</summary>
    public async Task<Outcome<BrandSummary>> SetLogoAsync(long id, byte[]? image, CancellationToken ct)
    {
        if (await FindAsync(id, ct) is not { } brand)
        {
            return Refusal.NotFound("brand");
        }

        if (image is { Length: > MaxLogoBytes })
        {
            return new Refusal(RefusalReason.TooLarge, "A logo has at most 256 KB.", "logo");
        }

        var type = image is null ? null : TypeOf(image);
        if (image is not null && type is null)
        {
            return Refusal.Invalid("logo", "A PNG, JPEG or WebP image is needed.");
        }

        (brand.Logo, brand.LogoType) = (image, type);
        audit.Add(image is null ? "brand.logo-remove" : "brand.logo", brand.Name, brand.ResellerId, brand.TenantId);
        return await SaveAsync(brand.Name, () => brand.Id, ct);
    }

    /// <summary>
    /// The host shows the brand from now on where that needs no proof: it lies below a domain that the brand's owner has proven, or an operator
    /// says so. Else it is a claim, until <see cref="VerifyHostAsync"/> finds the proof. Refusals: Invalid, AlreadyExists, LimitReached.
    /// </summary>
    public async Task<Outcome<BrandSummary>> AddHostAsync(long id, string host, CancellationToken ct)
    {
        if (await FindAsync(id, ct) is not { } brand)
        {
            return Refusal.NotFound("brand");
        }

        if (!DomainName.TryNormalize(host?.Trim(), out var name) || hosts.Has(name))
        {
            return Refusal.Invalid("host", "This is not a host name that a brand can have.");
        }

        if (await db.BrandHosts.CountAsync(x => x.BrandId == id, ct) + await db.BrandHostClaims.CountAsync(x => x.BrandId == id, ct) >= MaxHosts)
        {
            return new Refusal(RefusalReason.LimitReached, $"At most {MaxHosts} hosts.", "host");
        }

        var right = await RightOnAsync(name, brand, ct);
        if (!right.Ok)
        {
            return right.Refusal;
        }

        if (right.Value == HostRight.Shows)
        {
            return await ShowHostAsync(brand, name, "brand.host-add", ct);
        }

        db.Add(new BrandHostClaim
        {
            Host = name,
            BrandId = id,
            Token = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(20)),
            CreatedAt = time.GetUtcNow(),
        });
        audit.Add("brand.host-claim", name, brand.ResellerId, brand.TenantId);
        return await db.TrySaveAsync(Saving.Taken("host", "host"), ct) is { } no ? no : await ShowAsync(id, ct);
    }

    /// <summary>Looks for the proof of a claim. Refusals: NotFound, NotVerified (not there yet), AlreadyExists, TemporarilyUnavailable.</summary>
    public async Task<Outcome<BrandSummary>> VerifyHostAsync(long id, string host, CancellationToken ct)
    {
        if (await FindAsync(id, ct) is not { } brand || await FindClaimAsync(id, host, ct) is not { } claim)
        {
            return Refusal.NotFound("host");
        }

        var record = HostClaim.RecordOf(claim.Host);
        var txt = await dns.TxtAsync(record, ct);
        if (txt.Records.Any(x => x.Trim() == HostClaim.ValueOf(claim.Token)))
        {
            return await ShowHostAsync(brand, claim.Host, "brand.host-verify", ct);
        }

        var cname = await dns.CnameAsync(record, ct);
        if (cname.Records.Any(x => x.TrimEnd('.').Equals(HostClaim.TargetOf(claim.Token, hosts.MailHost), StringComparison.OrdinalIgnoreCase)))
        {
            return await ShowHostAsync(brand, claim.Host, "brand.host-verify", ct);
        }

        return txt.Status == Dns.DnsStatus.TemporaryError && cname.Status == Dns.DnsStatus.TemporaryError
            ? new Refusal(RefusalReason.TemporarilyUnavailable, "DNS did not answer; try again in a moment.", "host")
            : new Refusal(RefusalReason.NotVerified, "The record is not visible yet. DNS can take a while to show it.", "host");
    }

    /// <summary>An operator stands in for the proof. Refusals: NotFound, Forbidden, AlreadyExists.</summary>
    public async Task<Outcome<BrandSummary>> VouchHostAsync(long id, string host, CancellationToken ct) =>
        await FindAsync(id, ct) is not { } brand || await FindClaimAsync(id, host, ct) is not { } claim ? Refusal.NotFound("host")
        : db.Caller.Scope is not CallerScope.Operator ? new Refusal(RefusalReason.Forbidden, "Only operators vouch for a host.")
        : await ShowHostAsync(brand, claim.Host, "brand.host-vouch", ct);

    public async Task<Refusal?> RemoveHostAsync(long id, string host, CancellationToken ct)
    {
        if (await FindAsync(id, ct) is not { } brand)
        {
            return Refusal.NotFound("brand");
        }

        var name = host.ToLowerInvariant();
        object? found = await db.BrandHosts.FirstOrDefaultAsync(x => x.BrandId == id && x.Host == name, ct);
        found ??= await FindClaimAsync(id, name, ct);
        if (found is null)
        {
            return Refusal.NotFound("host");
        }

        db.Remove(found);
        audit.Add("brand.host-remove", name, brand.ResellerId, brand.TenantId);
        var refusal = await db.TrySaveAsync(Saving.Changed, ct);
        shown.Forget();
        return refusal;
    }

    private enum HostRight
    {
        Shows,
        NeedsProof,
    }

    /// <summary>
    /// Who shows a page on a host is trusted with passwords, so nobody takes another's name: not one below a domain that somebody else has proven
    /// here, none of the platform's or near it, and every other only with a proof.
    /// </summary>
    private async Task<Outcome<HostRight>> RightOnAsync(string host, Brand brand, CancellationToken ct)
    {
        if (db.Caller.Scope is CallerScope.Operator)
        {
            return HostRight.Shows;
        }

        if (hosts.IsNear(host))
        {
            return Refusal.Invalid("host", "Names at the platform's own host are given out by its operators.");
        }

        if (Domains.DomainRules.Check(host) is { } denied)
        {
            return denied with { Field = "host" };
        }

        string[] above = [host, .. Domains.DomainRules.Parents(host)];
        var holders = await platform.AskAsync(p => (
            from d in p.Domains.AsNoTracking()
            where d.State != Domains.DomainState.Pending && above.Contains(d.Name)
            join t in p.Tenants on d.TenantId equals t.Id
            select new { Tenant = t.Id, Reseller = t.ResellerId }).ToListAsync(ct));
        var reseller = brand.ResellerId ?? await platform.AskAsync(
            p => p.Tenants.Where(x => x.Id == brand.TenantId).Select(x => (ResellerId?)x.ResellerId).FirstOrDefaultAsync(ct));
        var asReseller = db.Caller.Scope is CallerScope.OfReseller;
        return holders.Count == 0 ? HostRight.NeedsProof
            : holders.All(x => asReseller ? x.Reseller == reseller : x.Tenant == brand.TenantId) ? HostRight.Shows
            : new Refusal(RefusalReason.AlreadyExists, "This name belongs to another customer.", "host");
    }

    private async Task<Outcome<BrandSummary>> ShowHostAsync(Brand brand, string host, string action, CancellationToken ct)
    {
        if (await FindClaimAsync(brand.Id, host, ct) is { } claim)
        {
            db.Remove(claim);
        }

        db.Add(new BrandHost { Host = host, BrandId = brand.Id });
        audit.Add(action, host, brand.ResellerId, brand.TenantId);
        return await db.TrySaveAsync(Saving.Taken("host", "host"), ct) is { } no ? no : await ShowAsync(brand.Id, ct);
    }

    private Task<BrandHostClaim?> FindClaimAsync(long id, string host, CancellationToken ct)
    {
        var name = host.ToLowerInvariant();
        return db.BrandHostClaims.FirstOrDefaultAsync(x => x.BrandId == id && x.Host == name, ct);
    }

    /// <summary>The image type that the bytes themselves say; an SVG, which can carry script, is none.</summary>
    internal static string? TypeOf(ReadOnlySpan<byte> image) =>
        image.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) ? "image/png"
        : image.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? "image/jpeg"
        : image.Length > 12 && image.StartsWith("RIFF"u8) && image[8..].StartsWith("WEBP"u8) ? "image/webp"
        : null;

    private Task<Brand?> FindAsync(long id, CancellationToken ct) => db.Brands.FirstOrDefaultAsync(x => x.Id == id, ct);

    private async Task<Outcome<BrandSummary>> SaveAsync(string name, Func<long> id, CancellationToken ct) =>
        await db.TrySaveAsync(new Refusal(RefusalReason.AlreadyExists, $"{name} is there already."), ct) is { } no ? no : await ShowAsync(id(), ct);

    private async Task<Outcome<BrandSummary>> ShowAsync(long id, CancellationToken ct)
    {
        shown.Forget();
        return (await SummarizeAsync(db.Brands.AsNoTracking().Where(x => x.Id == id), ct))[0];
    }

    private async Task<List<BrandSummary>> SummarizeAsync(IQueryable<Brand> query, CancellationToken ct) =>
        await query.AsSplitQuery().Select(x => new BrandSummary(
            x.Id, x.ResellerId, x.TenantId, x.Name, x.PrimaryColor, x.AccentColor, x.Logo != null, x.SupportUrl,
            db.BrandHosts.Where(h => h.BrandId == x.Id).OrderBy(h => h.Host).Select(h => h.Host).ToList(),
            db.BrandHostClaims.Where(h => h.BrandId == x.Id).OrderBy(h => h.Host).Select(h => new HostClaim(h.Host, h.Token)).ToList(), x.Version))
            .ToListAsync(ct);

    private static Refusal? CheckColor(string? color, string field) =>
        color is ['#', ..] && color.Length == 7 && int.TryParse(color.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _)
            ? null
            : Refusal.Invalid(field, "A colour as #rrggbb.");

    private static Refusal? CheckSupport(string? url) =>
        url is null || (url.Length <= 500 && Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "mailto")
            ? null
            : Refusal.Invalid("supportUrl", "An https or mailto address.");
}
