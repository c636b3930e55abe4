using System.Net;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using SaaS.Domain.Common;

namespace SaaS.Domain.Accounts;

/// <summary>Accounts whose home is a legacy platform, and hashes that came from one.</summary>
public sealed partial class PasswordAuthenticator
{
    /// <summary>
    /// Lets in whoever is known here where the platform has a master user; everybody else is the platform's to judge: the result holds the password,
    /// and whoever presents it there says by <see cref="SettleElsewhereAsync"/> what came of it. Suspension is not told apart from a wrong password,
    /// since nobody here knows whether it is the right one.
    /// </summary>
    private async ValueTask<Outcome<SignedIn>> SignInElsewhereAsync(
        UserRow user, string key, string password, IPAddress address, MailProtocols protocol, CancellationToken ct)
    {
        var home = user.Legacy!;
        if (home.HasMaster && user.Account is { } account && AppPasswordService.IsForm(password)
            && await UseAppPasswordAsync(account, password, protocol, address, ct))
        {
            return Admit(user);
        }

        // "elsewhere" in front: what a platform accepted says nothing about the password here.
        var possible = user is { MailByPassword: true, Disabled: false, Suspended: false } && password.Length is > 0 and <= MaxPasswordBytes;
        var mac = possible ? MacElsewhere(password) : null;
        if ((mac is null || !IsRemembered(user, mac)) && await _failures.ExceededAsync(key, address, ct))
        {
            return Slow;
        }

        if (!possible)
        {
            await _failures.AddAsync(key, address, ct);
            return Wrong;
        }

        if (home.HasMaster && user.Hash is not null && await IsOwnAsync(user, password, ct))
        {
            return Admit(user);
        }

        return new SignedIn(user.Id, user.Login, user.Account, user.Tenant, home.With(password));
    }

    /// <summary>What the legacy platform said of the password that <see cref="SignedIn.Legacy"/> holds.</summary>
    /// <param name="user">From a sign-in.</param>
    /// <param name="accepted">It was right.</param>
    /// <param name="capture">It becomes the account's password here, where it is not already.</param>
    /// <param name="address">Of the client, for the throttle.</param>
    /// <param name="ct">Cancels.</param>
    public async ValueTask<bool> SettleElsewhereAsync(SignedIn user, bool accepted, bool capture, IPAddress address, CancellationToken ct)
    {
        var key = Normalize(user.Login);
        if (user.Legacy?.Password is not { } password || key is null)
        {
            return false;
        }

        if (!accepted)
        {
            await _failures.AddAsync(key, address, ct);
            return false;
        }

        if (await FindAsync(key, ct) is not { } row || row.Id != user.UserId)
        {
            return false;
        }

        var mac = MacElsewhere(password);
        if (IsRemembered(row, mac))
        {
            return false;
        }

        // A password that may not be one here (too short, too simple) is captured all the same: the user has no other.
        var captured = capture && (row.Hash is null || !await IsOwnAsync(row, password, ct));
        if (captured)
        {
            row = await RehashAsync(row, password, ct);
            await SetScramKeyAsync(row, key, password, ct);
        }

        Remember(row, mac);
        return captured;
    }

    private byte[] MacElsewhere(string password) => HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes("elsewhere\0" + password));

    private async Task<bool> IsOwnAsync(UserRow user, string password, CancellationToken ct)
    {
        await _hashing.WaitAsync(ct);
        try
        {
            return VerifyHash(user.Hash!, password);
        }
        finally
        {
            _hashing.Release();
        }
    }

    /// <summary>A hash of our own for a password that is known to be right; nothing where somebody set another one meanwhile.</summary>
    private async Task<UserRow> RehashAsync(UserRow user, string password, CancellationToken ct)
    {
        var hash = _hasher.HashPassword(null!, password);
        await using var command = source.CreateCommand(
            "UPDATE app_user SET password_hash = $3 WHERE id = $1 AND password_hash IS NOT DISTINCT FROM $2");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = user.Id });
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text, Value = (object?)user.Hash ?? DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = hash });
        return await command.ExecuteNonQueryAsync(ct) == 1
            ? user with { Hash = hash, Stamp = user.Stamp[..(user.Stamp.Length - (user.Hash?.Length ?? 0))] + hash }
            : user;
    }
}
