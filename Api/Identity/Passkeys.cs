using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.WebUtilities;
using SaaS.Domain.Accounts;
using SaaS.Domain.Audit;
using SaaS.Domain;
using SaaS.Domain.Common;

namespace SaaS.Api.Identity;

/// <summary>What a browser needs for its part, and our memory of the question, which it brings back sealed.</summary>
internal sealed record PasskeyQuestion(string Options, string State);

/// <summary>
/// Passkeys (WebAuthn Level 3) by ASP.NET Core Identity. A passkey belongs to the host it was made on. The challenge is kept by nobody: it goes out
/// sealed for five minutes and comes back with the answer. Works as the platform, in a scope of its own: the tables are closed to fenced callers.
/// </summary>
internal sealed class Passkeys(IServiceScopeFactory scopes, IDataProtectionProvider protection, TimeProvider time)
{
    public const int MaxPerUser = 20;

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);
    private readonly ITimeLimitedDataProtector _seal = protection.CreateProtector("passkey.v1").ToTimeLimitedDataProtector();

    public async Task<PasskeyQuestion> AskToMakeAsync(HttpContext context, UserFacts user)
    {
        await using var scope = scopes.CreateAsyncScope();
        var options = await Handler(scope).MakeCreationOptionsAsync(
            new PasskeyUserEntity { Id = user.Id.ToString(CultureInfo.InvariantCulture), Name = user.Login, DisplayName = user.DisplayName }, context);
        return new PasskeyQuestion(options.CreationOptionsJson, Seal("make", options.AttestationState));
    }

    public async Task<PasskeyQuestion> AskToSignInAsync(HttpContext context)
    {
        await using var scope = scopes.CreateAsyncScope();
        var options = await Handler(scope).MakeRequestOptionsAsync(null, context);
        return new PasskeyQuestion(options.RequestOptionsJson, Seal("use", options.AssertionState));
    }

    /// <summary>Refusals: Invalid, LimitReached.</summary>
    public async Task<Refusal?> AddAsync(HttpContext context, UserFacts user, string name, string credential, string state)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > 60 || name.Any(char.IsControl))
        {
            return Refusal.Invalid("name", "A name of at most 60 characters.");
        }

        await using var scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<AppUser>>();
        var owner = await users.FindByIdAsync(user.Id.ToString(CultureInfo.InvariantCulture));
        if (owner is null || Open("make", state) is not { } asked || credential.Length > 64 * 1024)
        {
            return Refusal.Invalid("credential", "This took too long; try again.");
        }

        if ((await users.GetPasskeysAsync(owner)).Count >= MaxPerUser)
        {
            return new Refusal(RefusalReason.LimitReached, $"At most {MaxPerUser} passkeys.");
        }

        var made = await Handler(scope).PerformAttestationAsync(
            new PasskeyAttestationContext { HttpContext = context, CredentialJson = credential, AttestationState = asked });
        if (!made.Succeeded || made.UserEntity.Id != user.Id.ToString(CultureInfo.InvariantCulture))
        {
            return Refusal.Invalid("credential", "The browser's answer could not be checked.");
        }

        made.Passkey.Name = name.Trim();
        if (!(await users.AddOrUpdatePasskeyAsync(owner, made.Passkey)).Succeeded)
        {
            return Refusal.Invalid("credential", "This passkey could not be kept.");
        }

        await NoteAsync(scope, "user.passkey", owner, made.Passkey.Name);
        return null;
    }

    public async Task<IReadOnlyList<UserPasskeyInfo>> ListAsync(long user)
    {
        await using var scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<AppUser>>();
        return await users.FindByIdAsync(user.ToString(CultureInfo.InvariantCulture)) is { } owner ? [.. await users.GetPasskeysAsync(owner)] : [];
    }

    public async Task<Refusal?> RemoveAsync(long user, string id)
    {
        await using var scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<AppUser>>();
        var owner = await users.FindByIdAsync(user.ToString(CultureInfo.InvariantCulture));
        if (owner is null || (await users.GetPasskeysAsync(owner)).FirstOrDefault(x => IdOf(x) == id) is not { } passkey)
        {
            return Refusal.NotFound("passkey");
        }

        await users.RemovePasskeyAsync(owner, passkey.CredentialId);
        await NoteAsync(scope, "user.passkey-remove", owner, passkey.Name);
        return null;
    }

    /// <summary>Whose passkey answered; null: nobody's, or it could not be checked.</summary>
    public async Task<long?> SignInAsync(HttpContext context, string credential, string state)
    {
        if (credential.Length > 64 * 1024 || Open("use", state) is not { } asked)
        {
            return null;
        }

        await using var scope = scopes.CreateAsyncScope();
        try
        {
            var used = await Handler(scope).PerformAssertionAsync(
                new PasskeyAssertionContext { HttpContext = context, CredentialJson = credential, AssertionState = asked });
            if (!used.Succeeded)
            {
                return null;
            }

            // Its counter, which shows a copy (WebAuthn §6.1.1).
            await scope.ServiceProvider.GetRequiredService<UserManager<AppUser>>().AddOrUpdatePasskeyAsync(used.User, used.Passkey);
            return used.User.Id;
        }
        catch (Exception e) when (e is JsonException or PasskeyException or FormatException)
        {
            return null;
        }
    }

    public static string IdOf(UserPasskeyInfo passkey) => WebEncoders.Base64UrlEncode(passkey.CredentialId);

    private static PasskeyHandler<AppUser> Handler(AsyncServiceScope scope) => ActivatorUtilities.CreateInstance<PasskeyHandler<AppUser>>(scope.ServiceProvider);

    private async Task NoteAsync(AsyncServiceScope scope, string action, AppUser owner, string? name)
    {
        var db = scope.ServiceProvider.GetRequiredService<MailDbContext>();
        new AuditLog(db, time).Add(action, owner.UserName!, null, owner.TenantId, new { name });
        await db.SaveChangesAsync();
    }

    private string Seal(string purpose, string? state) => _seal.Protect(purpose + " " + state, Lifetime);

    private string? Open(string purpose, string state)
    {
        try
        {
            var text = _seal.Unprotect(state);
            return text.StartsWith(purpose + " ", StringComparison.Ordinal) ? text[(purpose.Length + 1)..] : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
