using System.Net;
using Microsoft.EntityFrameworkCore;
using SaaS.Domain.Audit;
using SaaS.Domain.Common;
using SaaS.Domain.Dns;
using SaaS.Domain.Keys;

namespace SaaS.Domain.LegacyPlatforms;

/// <summary>What can be said of a platform; on a change null leaves a field as it is, and "" takes a text away.</summary>
public sealed record LegacyPlatformFields(
    string? Name = null, LegacyEndpoints? Endpoints = null, LegacyUserNameForm? UserNameForm = null, string? UserNameTemplate = null,
    bool? VerifyCertificate = null, string? CertificateSha256 = null, bool? SendXClient = null, bool? SendImapId = null, string? MasterUser = null,
    string? MasterPassword = null, string? MasterSeparator = null, bool? CapturePasswords = null, int? MaxConnections = null);

/// <param name="Accounts">That belong to it.</param>
/// <param name="AtHome">That are still at home there.</param>
/// <param name="Editable">The caller may change it.</param>
public sealed record LegacyPlatformSummary(LegacyPlatform Platform, int Accounts, int AtHome, bool Editable);

/// <summary>Legacy platforms: operators make them for anybody, a reseller for itself and its tenants, a tenant for itself.</summary>
public sealed class LegacyPlatformService(
    MailDbContext db, AuditLog audit, KeyProtection protection, PlatformQuery platform, TimeProvider time)
{
    private const int MaxTemplate = 200;
    private const int MaxConnectionsCeiling = 100_000;

    /// <summary>What a platform that is no operator's may be reached at: the ports of mail, and those that nobody privileged listens at.</summary>
    private static readonly int[] MailPorts = [24, 25, 110, 143, 465, 587, 993, 995];

    public async Task<Outcome<LegacyPlatform>> CreateAsync(LegacyPlatformFields wanted, ResellerId? reseller, TenantId? tenant, CancellationToken ct)
    {
        switch (db.Caller.Scope)
        {
            case CallerScope.Operator:
                break;
            case CallerScope.OfReseller own when tenant is null:
                reseller ??= own.Reseller;
                break;
            case CallerScope.OfReseller:
                break;
            case CallerScope.OfTenant own:
                tenant ??= own.Tenant;
                break;
            default:
                return new Refusal(RefusalReason.Forbidden, "Only admins set up legacy platforms.");
        }

        if (reseller is { } ofReseller && !await db.Resellers.AnyAsync(x => x.Id == ofReseller, ct))
        {
            return Refusal.NotFound("reseller");
        }

        if (tenant is { } ofTenant && !await db.Tenants.AnyAsync(x => x.Id == ofTenant, ct))
        {
            return Refusal.NotFound("tenant");
        }

        var made = new LegacyPlatform
        {
            ResellerId = tenant is null ? reseller : null,
            TenantId = tenant,
            OperatorDefined = db.Caller.Scope is CallerScope.Operator,
            Name = "",
            CreatedAt = time.GetUtcNow(),
        };
        if (Apply(made, wanted with { Name = wanted.Name ?? "", Endpoints = wanted.Endpoints ?? new() }) is { } bad)
        {
            return bad;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        db.Add(made);
        audit.Add("legacy-platform.create", made.Name, made.ResellerId, made.TenantId, Told(wanted));
        if (await db.TrySaveAsync(Saving.Taken("name", "name"), ct) is { } no)
        {
            return no;
        }

        // The secret is bound to the row, whose id is known only now.
        if (wanted.MasterPassword is { Length: > 0 } secret)
        {
            made.MasterPassword = protection.Encrypt(LegacyPlatform.SecretRow(made.Id), secret);
            await db.SaveChangesAsync(ct);
        }

        await transaction.CommitAsync(ct);
        return made;
    }

    /// <summary>Those that the caller sees, narrowed to those that a tenant can use.</summary>
    public async Task<Page<LegacyPlatformSummary>> ListAsync(TenantId? tenant, ListQuery list, CancellationToken ct)
    {
        var query = db.LegacyPlatforms.AsNoTracking().Where(x => x.Id > new LegacyPlatformId(list.After ?? 0));
        if (tenant is { } of)
        {
            query = query.Where(x => x.TenantId == of
                || (x.TenantId == null && (x.ResellerId == null || db.Tenants.Any(t => t.Id == of && t.ResellerId == x.ResellerId))));
        }

        if (list.Pattern is { } pattern)
        {
            query = query.Where(x => EF.Functions.ILike(x.Name, pattern));
        }

        return list.ToPage(await SummarizeAsync(query.OrderBy(x => x.Id).Take(list.Limit + 1), ct), x => x.Platform.Id.Value);
    }

    public async Task<Outcome<LegacyPlatformSummary>> GetAsync(LegacyPlatformId id, CancellationToken ct) =>
        (await SummarizeAsync(db.LegacyPlatforms.AsNoTracking().Where(x => x.Id == id), ct)).FirstOrDefault() is { } found
            ? found
            : Refusal.NotFound("legacy platform");

    public async Task<Outcome<LegacyPlatform>> UpdateAsync(LegacyPlatformId id, LegacyPlatformFields change, uint? version, CancellationToken ct)
    {
        var found = await FindOwnAsync(id, version, ct);
        if (!found.Ok)
        {
            return found.Refusal;
        }

        var own = found.Value;
        if (Apply(own, change) is { } bad)
        {
            return bad;
        }

        if (change.MasterPassword is { Length: > 0 } secret)
        {
            own.MasterPassword = protection.Encrypt(LegacyPlatform.SecretRow(own.Id), secret);
        }

        audit.Add("legacy-platform.update", own.Name, own.ResellerId, own.TenantId, Told(change));
        return await db.TrySaveAsync(Saving.Taken("name", "name"), ct) is { } no ? no : own;
    }

    /// <summary>Refusals: HasChildren while an account is at home there.</summary>
    public async Task<Refusal?> DeleteAsync(LegacyPlatformId id, uint? version, CancellationToken ct)
    {
        var found = await FindOwnAsync(id, version, ct);
        if (!found.Ok)
        {
            return found.Refusal;
        }

        if (await platform.AskAsync(p => p.Accounts.AnyAsync(x => x.LegacyPlatformId == id && x.AtLegacy, ct)))
        {
            return new Refusal(RefusalReason.HasChildren, "Accounts are still at home there.");
        }

        db.Remove(found.Value);
        audit.Add("legacy-platform.delete", found.Value.Name, found.Value.ResellerId, found.Value.TenantId);
        return await db.TrySaveAsync(Saving.Changed, ct);
    }

    private async Task<Outcome<LegacyPlatform>> FindOwnAsync(LegacyPlatformId id, uint? version, CancellationToken ct) =>
        await db.LegacyPlatforms.FirstOrDefaultAsync(x => x.Id == id, ct) is not { } found ? Refusal.NotFound("legacy platform")
        : !MayChange(found) ? new Refusal(RefusalReason.Forbidden, "Only the owner of a legacy platform changes it.")
        : Saving.CheckVersion(version, found.Version) is { } old ? old
        : found;

    private bool MayChange(LegacyPlatform x) => db.Caller.Scope switch
    {
        CallerScope.Operator => true,
        CallerScope.OfReseller own => !x.OperatorDefined && (x.TenantId is not null || x.ResellerId == own.Reseller),
        CallerScope.OfTenant own => !x.OperatorDefined && x.TenantId == own.Tenant,
        _ => false,
    };

    private static Refusal? Apply(LegacyPlatform x, LegacyPlatformFields change)
    {
        if (change.Name is not null && Names.Check(change.Name, "name") is { } badName)
        {
            return badName;
        }

        x.Name = change.Name?.Trim() ?? x.Name;
        x.UserNameForm = change.UserNameForm ?? x.UserNameForm;
        x.UserNameTemplate = Text(change.UserNameTemplate, x.UserNameTemplate);
        x.VerifyCertificate = change.VerifyCertificate ?? x.VerifyCertificate;
        x.CertificateSha256 = Text(change.CertificateSha256, x.CertificateSha256)?.Replace(":", "", StringComparison.Ordinal).ToLowerInvariant();
        x.SendXClient = change.SendXClient ?? x.SendXClient;
        x.SendImapId = change.SendImapId ?? x.SendImapId;
        x.MasterUser = Text(change.MasterUser, x.MasterUser);
        x.MasterSeparator = Text(change.MasterSeparator, x.MasterSeparator);
        x.CapturePasswords = change.CapturePasswords ?? x.CapturePasswords;
        x.MaxConnections = change.MaxConnections ?? x.MaxConnections;
        if (x.MasterUser is null)
        {
            x.MasterPassword = null;
        }

        if (change.Endpoints is { } endpoints)
        {
            var (normal, bad) = Check(endpoints, x.OperatorDefined);
            if (bad is not null)
            {
                return bad;
            }

            x.Endpoints = normal;
        }

        return x.UserNameForm == LegacyUserNameForm.Template && (x.UserNameTemplate is not { Length: <= MaxTemplate } template
                || !(template.Contains("%u", StringComparison.Ordinal) || template.Contains("%n", StringComparison.Ordinal)))
                ? Refusal.Invalid("userNameTemplate", "The template names the account by %u (address) or %n (local part), and %d (domain).")
            : x.UserNameTemplate?.Any(char.IsControl) == true ? Refusal.Invalid("userNameTemplate", "Control characters cannot stand in it.")
            : x.CertificateSha256 is { } pin && (pin.Length != 64 || !pin.All(char.IsAsciiHexDigitLower))
                ? Refusal.Invalid("certificateSha256", "64 hexadecimal digits (openssl x509 -fingerprint -sha256).")
            : x.MasterUser is { } master && (master.Length > 200 || master.Any(char.IsControl)) ? Refusal.Invalid("masterUser", "This is no user name.")
            : x.MasterSeparator is { Length: > 10 } ? Refusal.Invalid("masterSeparator", "At most 10 characters.")
            : x.MasterUser is not null && x.MasterPassword is null && change.MasterPassword is not { Length: > 0 }
                ? Refusal.Invalid("masterPassword", "A master user needs its password.")
            : change.MasterPassword is { } secret && (secret.Length > 1000 || secret.Any(c => c is '\0' or '\r' or '\n'))
                ? Refusal.Invalid("masterPassword", "This is no password.")
            : x.MaxConnections is < 0 or > MaxConnectionsCeiling ? Refusal.Invalid("maxConnections", "0 for the default, or a positive number.")
            : null;
    }

    private static (LegacyEndpoints Normal, Refusal? Bad) Check(LegacyEndpoints endpoints, bool byOperator)
    {
        Refusal? bad = null;
        LegacyEndpoint? One(LegacyEndpoint? e, string field)
        {
            if (e is null)
            {
                return null;
            }

            var host = e.Host?.Trim() ?? "";
            if (IPAddress.TryParse(host, out var address))
            {
                host = address.ToString();
            }
            else if (!DomainName.TryNormalize(host, out host!))
            {
                bad ??= Refusal.Invalid(field, "This is no host name.");
                return e;
            }

            bad ??= e.Port is < 1 or > 65535 ? Refusal.Invalid(field, "A port is a number from 1 to 65535.")
                : byOperator ? null
                : e.Tls == LegacyTls.None ? Refusal.Invalid(field, "Without TLS, passwords would cross the internet in clear.")
                : e.Port < 1024 && !MailPorts.Contains(e.Port) ? Refusal.Invalid(field, "This is no port of a mail service.")
                : address is not null && !PublicAddress.Is(address) ? Refusal.Invalid(field, "Only operators set up platforms at private addresses.")
                : null;
            return e with { Host = host };
        }

        var normal = endpoints with
        {
            Imap = One(endpoints.Imap, "imap"),
            Pop3 = One(endpoints.Pop3, "pop3"),
            Submission = One(endpoints.Submission, "submission"),
            ManageSieve = One(endpoints.ManageSieve, "manageSieve"),
            Delivery = One(endpoints.Delivery, "delivery"),
        };
        return (normal, bad
            ?? (normal.Imap is null && normal.Pop3 is null ? Refusal.Invalid("imap", "IMAP or POP3 is needed: it says whose password is right.") : null)
            ?? (normal.Delivery is null ? Refusal.Invalid("delivery", "Mail for accounts that are at home there needs a host to go to.") : null));
    }

    private static string? Text(string? wanted, string? now) => wanted is null ? now : wanted.Length == 0 ? null : wanted;

    private static LegacyPlatformFields Told(LegacyPlatformFields change) =>
        change with { MasterPassword = change.MasterPassword is null ? null : "***" };

    private async Task<List<LegacyPlatformSummary>> SummarizeAsync(IQueryable<LegacyPlatform> query, CancellationToken ct)
    {
        var rows = await query.Select(x => new
        {
            Platform = x,
            Accounts = db.Accounts.Count(a => a.LegacyPlatformId == x.Id),
            AtHome = db.Accounts.Count(a => a.LegacyPlatformId == x.Id && a.AtLegacy),
        }).ToListAsync(ct);
        return [.. rows.Select(r => new LegacyPlatformSummary(r.Platform, r.Accounts, r.AtHome, MayChange(r.Platform)))];
    }
}
