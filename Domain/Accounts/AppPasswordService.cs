using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using SaaS.Domain.Audit;
using SaaS.Domain.Common;

namespace SaaS.Domain.Accounts;

/// <param name="Password">To be shown once: it cannot be read again.</param>
public sealed record NewAppPassword(AppPassword Entry, string Password);

/// <summary>Passwords for mail programs. Users make and revoke their own; administrators see and revoke those of their accounts.</summary>
public sealed class AppPasswordService(MailDbContext db, AuditLog audit, PlatformQuery platform, ScramSecrets scrams, TimeProvider time)
{
    public const int MaxPerAccount = 50;
    public const int MaxLabel = 100;
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(3660);

    // Thirty-two characters that nobody mistakes for another: five bits each.
    private const string Alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
    private const int Groups = 4;
    private const int GroupLength = 4;

    /// <summary>Whether it looks like one: four groups of four with hyphens.</summary>
    public static bool IsForm(string password)
    {
        if (password.Length != (Groups * GroupLength) + Groups - 1)
        {
            return false;
        }

        for (var i = 0; i < password.Length; i++)
        {
            if (i % (GroupLength + 1) == GroupLength ? password[i] != '-' : !Alphabet.Contains(password[i], StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>SHA-256: eighty random bits need no slow hash.</summary>
    public static byte[] HashOf(string password) => SHA256.HashData(Encoding.UTF8.GetBytes(password));

    /// <summary>Those of an account that the caller sees, oldest first. Refusal: NotFound.</summary>
    public async Task<Outcome<IReadOnlyList<AppPassword>>> ListAsync(AccountId account, CancellationToken ct)
    {
        if (!await db.Accounts.AnyAsync(x => x.Id == account, ct))
        {
            return Refusal.NotFound("account");
        }

        return await db.AppPasswords.AsNoTracking().Where(x => x.AccountId == account).OrderBy(x => x.Id).ToListAsync(ct);
    }

    /// <summary>Refusals: NotFound, Forbidden (another's), Invalid (label, protocols, expiresAt), LimitReached.</summary>
    public async Task<Outcome<NewAppPassword>> CreateAsync(
        AccountId account, string? label, MailProtocols protocols, DateTimeOffset? expiresAt, CancellationToken ct)
    {
        if (await db.Accounts.AsNoTracking().FirstOrDefaultAsync(x => x.Id == account, ct) is not { } owner)
        {
            return Refusal.NotFound("account");
        }

        var user = await platform.AskAsync(p => p.Users.AsNoTracking().FirstOrDefaultAsync(x => x.AccountId == account, ct));
        if (user is null || user.Id != db.Caller.UserId)
        {
            return new Refusal(RefusalReason.Forbidden, "Only the owner of a mailbox makes passwords for it.");
        }

        var now = time.GetUtcNow();
        if (string.IsNullOrWhiteSpace(label) || label.Trim().Length > MaxLabel || label.Any(char.IsControl))
        {
            return Refusal.Invalid("label", $"1 to {MaxLabel} characters.");
        }

        if (protocols == MailProtocols.None || (protocols & ~MailProtocols.All) != 0)
        {
            return Refusal.Invalid("protocols", "At least one of imap, pop3, smtp and sieve.");
        }

        if (expiresAt is { } end && (end <= now || end > now + MaxLifetime))
        {
            return Refusal.Invalid("expiresAt", "A time in the next ten years.");
        }

        if (await db.AppPasswords.CountAsync(x => x.AccountId == account, ct) >= MaxPerAccount)
        {
            return new Refusal(RefusalReason.LimitReached, $"An account has at most {MaxPerAccount} app passwords.");
        }

        var scram = await platform.AskAsync(p => p.ScramKeys.AsNoTracking().FirstOrDefaultAsync(x => x.AccountId == account, ct));
        var salt = scram?.Salt ?? scrams.SaltOf(user.NormalizedUserName!);
        if (scram is null)
        {
            db.Add(new ScramKey { AccountId = account, Salt = salt, Iterations = ScramSecrets.Iterations });
        }

        var password = Make();
        var (storedKey, serverKey) = ScramSecrets.Derive(password, salt, scram?.Iterations ?? ScramSecrets.Iterations);
        var entry = new AppPassword
        {
            AccountId = account,
            Label = label.Trim(),
            Protocols = protocols,
            Hash = HashOf(password),
            StoredKey = storedKey,
            ServerKey = serverKey,
            CreatedAt = now,
            ExpiresAt = expiresAt?.ToUniversalTime(),
        };
        db.Add(entry);
        audit.Add("appPassword.create", $"{entry.Label} of {owner.Address}", null, owner.TenantId, new { protocols = protocols.ToString(), entry.ExpiresAt });
        return await db.TrySaveAsync(Saving.Changed, ct) is { } no ? no : new NewAppPassword(entry, password);
    }

    /// <summary>It counts no more from now on; connections that are open go on. Refusals: NotFound.</summary>
    public async Task<Refusal?> RevokeAsync(AccountId account, long id, CancellationToken ct)
    {
        var owner = await db.Accounts.AsNoTracking().FirstOrDefaultAsync(x => x.Id == account, ct);
        if (owner is null || await db.AppPasswords.FirstOrDefaultAsync(x => x.AccountId == account && x.Id == id, ct) is not { } entry)
        {
            return Refusal.NotFound("app password");
        }

        db.Remove(entry);
        audit.Add("appPassword.revoke", $"{entry.Label} of {owner.Address}", null, owner.TenantId);
        return await db.TrySaveAsync(Saving.Changed, ct);
    }

    private static string Make() =>
        string.Join('-', Enumerable.Range(0, Groups).Select(_ => RandomNumberGenerator.GetString(Alphabet, GroupLength)));
}
