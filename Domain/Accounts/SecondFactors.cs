using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using SaaS.Domain.Audit;
using SaaS.Domain.Common;
using SaaS.Domain.Keys;
using SaaS.Domain.Limits;

namespace SaaS.Domain.Accounts;

/// <summary>What a user has besides the password.</summary>
public sealed record SecondFactorState(bool Totp, int CodesLeft, int Passkeys)
{
    public bool Any => Totp || Passkeys > 0;
}

/// <summary>A secret that waits for its first code.</summary>
/// <param name="Secret">Base32, for typing in.</param>
/// <param name="Uri">otpauth://, for a picture.</param>
public sealed record NewTotp(string Secret, string Uri);

/// <summary>
/// Codes of an authenticator, and recovery codes for when it is lost. Asks as the platform: these tables are closed to every fenced caller, and
/// each method names whose they are.
/// </summary>
public sealed class SecondFactors(PlatformQuery platform, KeyProtection protection, SharedCounters counters, TimeProvider time)
{
    public const int Codes = 10;

    /// <summary>Wrong codes in <see cref="Window"/>; with a million codes of which three are right, a year of this finds one in a hundred.</summary>
    private const int MaxFailures = 5;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    public Task<SecondFactorState> StateAsync(long user, CancellationToken ct) => platform.AskAsync(async db => new SecondFactorState(
        await db.TotpSecrets.AnyAsync(x => x.UserId == user && x.ConfirmedAt != null, ct),
        await db.RecoveryCodes.CountAsync(x => x.UserId == user && x.UsedAt == null, ct),
        await db.Set<IdentityUserPasskey<long>>().CountAsync(x => x.UserId == user, ct)));

    /// <summary>Makes a secret; it counts once <see cref="ConfirmAsync"/> has seen a code. Refusal: AlreadyExists.</summary>
    public Task<Outcome<NewTotp>> StartAsync(long user, string login, string issuer, CancellationToken ct) => platform.AskAsync<Outcome<NewTotp>>(async db =>
    {
        var there = await db.TotpSecrets.FirstOrDefaultAsync(x => x.UserId == user, ct);
        if (there is { ConfirmedAt: not null })
        {
            return new Refusal(RefusalReason.AlreadyExists, "An authenticator is set up already; remove it first.");
        }

        if (there is null)
        {
            there = new TotpSecret { UserId = user, Secret = "" };
            db.Add(there);
        }

        var secret = Totp.ToBase32(Totp.NewSecret());
        (there.Secret, there.LastStep, there.CreatedAt) = (protection.Encrypt(Row(user), secret), 0, time.GetUtcNow());
        if (await db.TrySaveAsync(Saving.Changed, ct) is { } no)
        {
            return no;
        }

        var name = issuer.Replace(":", "", StringComparison.Ordinal);
        return new NewTotp(
            secret, $"otpauth://totp/{Uri.EscapeDataString(name)}:{Uri.EscapeDataString(login)}?secret={secret}&issuer={Uri.EscapeDataString(name)}");
    });

    /// <summary>The first code: from now on sign-in asks for one. Returns the recovery codes, the only time that they are seen. Refusals: NotFound, Invalid, RateLimited.</summary>
    public async Task<Outcome<List<string>>> ConfirmAsync(long user, string code, CancellationToken ct)
    {
        if (await IsSlowAsync(user, ct))
        {
            return Slow;
        }

        var confirmed = await platform.AskAsync<Outcome<List<string>>>(async db =>
        {
            if (await db.TotpSecrets.FirstOrDefaultAsync(x => x.UserId == user && x.ConfirmedAt == null, ct) is not { } totp)
            {
                return Refusal.NotFound("authenticator");
            }

            var secret = Totp.FromBase32(protection.Decrypt(Row(user), totp.Secret));
            if (Totp.Find(secret, Digits(code), time.GetUtcNow()) is not { } step)
            {
                return Refusal.Invalid("code", "This code is not right. Check that the clock of your device is.");
            }

            var owner = await db.Users.FirstAsync(x => x.Id == user, ct);
            (totp.ConfirmedAt, totp.LastStep, owner.TwoFactorEnabled) = (time.GetUtcNow(), step, true);
            var codes = await ReplaceCodesAsync(db, user, ct);
            new AuditLog(db, time).Add("user.second-factor", owner.UserName!, null, owner.TenantId);
            return await db.TrySaveAsync(Saving.Changed, ct) is { } no ? no : codes;
        });
        if (confirmed.Refusal?.Reason == RefusalReason.Invalid)
        {
            await FailedAsync(user, ct);
        }

        return confirmed;
    }

    /// <summary>Checks a code of the authenticator, or a recovery code; each is good once. Refusals: Forbidden, RateLimited.</summary>
    public async Task<Refusal?> VerifyAsync(long user, string code, CancellationToken ct)
    {
        if (await IsSlowAsync(user, ct))
        {
            return Slow;
        }

        var right = await platform.AskAsync(async db =>
        {
            if (Digits(code) is { Length: 6 } digits)
            {
                return await db.TotpSecrets.AsNoTracking().FirstOrDefaultAsync(x => x.UserId == user && x.ConfirmedAt != null, ct) is { } totp
                    && Totp.Find(Totp.FromBase32(protection.Decrypt(Row(user), totp.Secret)), digits, time.GetUtcNow()) is { } step
                    && await db.TotpSecrets.Where(x => x.UserId == user && x.LastStep < step).ExecuteUpdateAsync(s => s.SetProperty(x => x.LastStep, step), ct) == 1;
            }

            var (hash, now) = (Hash(user, code), time.GetUtcNow());
            return await db.RecoveryCodes.Where(x => x.UserId == user && x.Hash == hash && x.UsedAt == null)
                .ExecuteUpdateAsync(s => s.SetProperty(x => x.UsedAt, now), ct) == 1;
        });
        if (right)
        {
            return null;
        }

        await FailedAsync(user, ct);
        return new Refusal(RefusalReason.Forbidden, "This code is not right.", "code");
    }

    /// <summary>New recovery codes instead of the old ones.</summary>
    public Task<Outcome<List<string>>> NewCodesAsync(long user, CancellationToken ct) => platform.AskAsync<Outcome<List<string>>>(async db =>
    {
        var owner = await db.Users.FirstAsync(x => x.Id == user, ct);
        if (!owner.TwoFactorEnabled)
        {
            return Refusal.NotFound("authenticator");
        }

        var codes = await ReplaceCodesAsync(db, user, ct);
        new AuditLog(db, time).Add("user.codes", owner.UserName!, null, owner.TenantId);
        return await db.TrySaveAsync(Saving.Changed, ct) is { } no ? no : codes;
    });

    /// <summary>No authenticator and no recovery codes any more; passkeys stay unless all is to go.</summary>
    public Task<Refusal?> RemoveAsync(long user, bool passkeysToo, CancellationToken ct) => platform.AskAsync(async db =>
    {
        var owner = await db.Users.FirstAsync(x => x.Id == user, ct);
        db.RemoveRange(await db.TotpSecrets.Where(x => x.UserId == user).ToListAsync(ct));
        db.RemoveRange(await db.RecoveryCodes.Where(x => x.UserId == user).ToListAsync(ct));
        if (passkeysToo)
        {
            db.RemoveRange(await db.Set<IdentityUserPasskey<long>>().Where(x => x.UserId == user).ToListAsync(ct));
        }

        owner.TwoFactorEnabled = false;
        new AuditLog(db, time).Add("user.second-factor-off", owner.UserName!, null, owner.TenantId);
        return await db.TrySaveAsync(Saving.Changed, ct);
    });

    private static readonly Refusal Slow = new(RefusalReason.RateLimited, "Too many wrong codes; wait a few minutes.");

    private static async Task<List<string>> ReplaceCodesAsync(MailDbContext db, long user, CancellationToken ct)
    {
        db.RemoveRange(await db.RecoveryCodes.Where(x => x.UserId == user).ToListAsync(ct));
        var codes = Enumerable.Range(0, Codes).Select(_ => Totp.ToBase32(RandomNumberGenerator.GetBytes(10)).ToLowerInvariant())
            .Select(x => string.Join('-', x.Chunk(4).Select(c => new string(c)))).ToList();
        db.AddRange(codes.Select(x => new RecoveryCode { UserId = user, Hash = Hash(user, x) }));
        return codes;
    }

    private async Task<bool> IsSlowAsync(long user, CancellationToken ct) =>
        (await counters.ReadAsync([$"code {user}"], ct)).Values.Any(x => x >= MaxFailures);

    private async Task FailedAsync(long user, CancellationToken ct) => await counters.AddAsync([($"code {user}", 1)], time.GetUtcNow() + Window, ct);

    private static string Row(long user) => $"totp_secret:{user}";

    private static string Digits(string code) => new([.. code.Take(64).Where(c => !char.IsWhiteSpace(c) && c != '-')]);

    private static string Hash(long user, string code) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{user} {Digits(code).ToLowerInvariant()}")));
}
