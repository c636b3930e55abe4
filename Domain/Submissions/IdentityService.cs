using Npgsql;
using NpgsqlTypes;
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using SaaS.Domain.Sharing;

namespace SaaS.Domain.Submissions;

/// <summary>What of an identity can be changed; null: leave it.</summary>
public sealed record IdentityChange
{
    public string? Name { get; init; }
    public string? ReplyTo { get; init; }
    public bool ClearReplyTo { get; init; }
    public string? TextSignature { get; init; }
    public string? HtmlSignature { get; init; }
}

/// <summary>An account's addresses: its own, the enabled aliases that lead to it, and those of shared mailboxes that it may send for.</summary>
/// <param name="OnBehalf">Only with the account's own address as Sender.</param>
public sealed record OwnAddress(string Address, string DisplayName, bool Primary, bool OnBehalf = false);

/// <summary>
/// Names and addresses that an account sends as (RFC 8621 §6). There is one for each of its addresses, made when first read; one whose
/// address is no longer the account's own is not shown.
/// </summary>
public sealed class IdentityService(MailDatabase database, ShareDirectory shares, IChangeFeed feed)
{
    /// <summary>Identities of one account.</summary>
    public const int MaxIdentities = 500;
    public const int MaxSignature = 64 * 1024;

    private const string Columns = "id, mod_seq, name, email, reply_to, text_signature, html_signature";

    public async Task<IReadOnlyList<OwnAddress>> AddressesAsync(AccountId account, CancellationToken ct)
    {
        var found = await OwnAsync(account, ct);
        foreach (var shared in (await shares.OfAsync(account, ct)).Where(s => s.MaySend).Take(MaxIdentities))
        {
            // Each behind its own account's fence.
            var onBehalf = !shared.Everywhere.Has(MailboxRights.SendAs);
            found.AddRange((await OwnAsync(shared.Id, ct)).Select(a => a with { Primary = false, OnBehalf = onBehalf }));
        }

        return found;
    }

    /// <summary>True where the account may send as the address.</summary>
    public async Task<bool> OwnsAsync(AccountId account, MailAddress address, CancellationToken ct) =>
        Owns(await AddressesAsync(account, ct), address);

    public async Task<IReadOnlyList<Identity>> ListAsync(AccountId account, CancellationToken ct)
    {
        var own = await AddressesAsync(account, ct);
        await using var connection = await database.OpenAsync(account, ct);
        var stored = await StoredAsync(connection, account, ct);
        if (own.Any(a => !stored.Any(i => Same(i.Email, a.Address))))
        {
            stored = await MakeMissingAsync(connection, account, own, ct);
        }

        return [.. stored.Where(i => own.Any(a => Same(i.Email, a.Address)))
            .OrderByDescending(i => own.Any(a => a.Primary && Same(i.Email, a.Address))).ThenBy(i => i.Id)];
    }

    /// <summary>Every identity with the modseq of its last change, packed: aliases bring and take identities without any change of the account's
    /// modseq, and so only the whole list tells what came and went.</summary>
    public static string StateOf(IReadOnlyList<Identity> identities)
    {
        var bytes = new List<byte>(identities.Count * 6);
        var last = 0L;
        foreach (var identity in identities.OrderBy(i => i.Id))
        {
            Write(bytes, identity.Id - last);
            Write(bytes, identity.ModSeq - identity.Id);
            last = identity.Id;
        }

        return "i" + Convert.ToBase64String([.. bytes]).TrimEnd('=').Replace('+', '-').Replace('/', '_');

        static void Write(List<byte> to, long value)
        {
            for (; value > 127; value >>= 7)
            {
                to.Add((byte)(value | 128));
            }

            to.Add((byte)value);
        }
    }

    /// <summary>Identities of a state, with their modseqs; null where it is none of <see cref="StateOf"/>.</summary>
    public static IReadOnlyDictionary<long, long>? ReadState(string state)
    {
        if (state.Length is 0 or > 20_000 || state[0] != 'i')
        {
            return null;
        }

        var text = state[1..].Replace('-', '+').Replace('_', '/');
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='), bytes, out var length))
        {
            return null;
        }

        var (found, numbers, value, shift) = (new Dictionary<long, long>(), new List<long>(), 0L, 0);
        foreach (var b in bytes.AsSpan(0, length))
        {
            value |= (long)(b & 127) << shift;
            shift += 7;
            if (b < 128)
            {
                numbers.Add(value);
                (value, shift) = (0, 0);
            }
            else if (shift > 56)
            {
                return null;
            }
        }

        var last = 0L;
        for (var i = 0; i + 1 < numbers.Count; i += 2)
        {
            last += numbers[i];
            found[last] = last + numbers[i + 1];
        }

        return shift == 0 && numbers.Count % 2 == 0 ? found : null;
    }

    /// <summary>Refusals: SenderNotAllowed, LimitReached.</summary>
    public async Task<Outcome<Identity>> CreateAsync(AccountId account, string email, IdentityChange values, CancellationToken ct)
    {
        if (!MailAddress.TryParse(email, out var address) || !await OwnsAsync(account, address, ct))
        {
            return new Refusal(RefusalReason.SenderNotAllowed, "This address is not yours to send from.", "email");
        }

        if ((await ListAsync(account, ct)).Count >= MaxIdentities)
        {
            return new Refusal(RefusalReason.LimitReached, $"At most {MaxIdentities} identities.");
        }

        await using var connection = await database.OpenAsync(account, ct);
        return await WriteAsync(connection, account, $"""
            WITH s AS (UPDATE account_state SET mod_seq = mod_seq + 1 WHERE account_id = $1 RETURNING mod_seq)
            INSERT INTO identity (account_id, id, mod_seq, name, email, reply_to, text_signature, html_signature)
            SELECT $1, s.mod_seq, s.mod_seq, $3, $7, $4, $5, $6 FROM s WHERE $2 = 0
            RETURNING {Columns}
            """, 0, values with { Name = values.Name ?? "" }, address.ToString(), ct) is { } made
            ? made
            : Refusal.NotFound("account");
    }

    /// <summary>Refusal: NotFound.</summary>
    public async Task<Outcome<Identity>> UpdateAsync(AccountId account, long id, IdentityChange change, CancellationToken ct)
    {
        if ((await ListAsync(account, ct)).All(i => i.Id != id))
        {
            return Refusal.NotFound("identity");
        }

        await using var connection = await database.OpenAsync(account, ct);
        return await WriteAsync(connection, account, $"""
            WITH s AS (UPDATE account_state SET mod_seq = mod_seq + 1 WHERE account_id = $1 RETURNING mod_seq)
            UPDATE identity i SET mod_seq = s.mod_seq, name = coalesce($3, i.name), reply_to = CASE WHEN $7 = '-' THEN NULL ELSE coalesce($4, i.reply_to) END,
              text_signature = coalesce($5, i.text_signature), html_signature = coalesce($6, i.html_signature)
            FROM s WHERE i.account_id = $1 AND i.id = $2
            RETURNING i.id, i.mod_seq, i.name, i.email, i.reply_to, i.text_signature, i.html_signature
            """, id, change, change.ClearReplyTo ? "-" : "", ct) is { } changed
            ? changed
            : Refusal.NotFound("identity");
    }

    /// <summary>Refusals: NotFound; Forbidden for the last one of an address.</summary>
    public async Task<Refusal?> DeleteAsync(AccountId account, long id, CancellationToken ct)
    {
        var all = await ListAsync(account, ct);
        if (all.FirstOrDefault(i => i.Id == id) is not { } identity)
        {
            return Refusal.NotFound("identity");
        }

        if (!MayDelete(identity, all))
        {
            return new Refusal(RefusalReason.Forbidden, "An address keeps one identity.");
        }

        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new NpgsqlCommand("""
            WITH s AS (UPDATE account_state SET mod_seq = mod_seq + 1 WHERE account_id = $1 RETURNING mod_seq),
              gone AS (DELETE FROM identity WHERE account_id = $1 AND id = $2)
            SELECT mod_seq FROM s
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = id });
        if (await command.ExecuteScalarAsync(ct) is long modSeq)
        {
            feed.Publish(account, new ModSeq(modSeq));
        }

        return null;
    }

    /// <summary>One of several for the same address may go; the last is made again anyway.</summary>
    public static bool MayDelete(Identity identity, IReadOnlyList<Identity> all) => all.Count(i => Same(i.Email, identity.Email)) > 1;

    public static bool Owns(IReadOnlyList<OwnAddress> own, MailAddress address) =>
        own.Any(a => MailAddress.TryParse(a.Address, out var mine) && mine.Domain == address.Domain && mine.LocalKey == address.LocalKey);

    private static bool Same(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);

    private async Task<List<OwnAddress>> OwnAsync(AccountId account, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new NpgsqlCommand("""
            SELECT a.address, a.display_name, true FROM account a WHERE a.id = $1 AND a.deleted_at IS NULL
            UNION ALL
            SELECT l.address, a.display_name, false FROM account a
            JOIN alias l ON l.tenant_id = a.tenant_id AND l.enabled AND l.targets @> ARRAY[a.address]
            WHERE a.id = $1 AND a.deleted_at IS NULL
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var found = new List<OwnAddress>();
        while (await reader.ReadAsync(ct))
        {
            found.Add(new OwnAddress(reader.GetString(0), reader.GetString(1), reader.GetBoolean(2)));
        }

        return found;
    }

    private static async Task<List<Identity>> StoredAsync(NpgsqlConnection connection, AccountId account, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"SELECT {Columns} FROM identity WHERE account_id = $1 ORDER BY id", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var found = new List<Identity>();
        while (await reader.ReadAsync(ct))
        {
            found.Add(Read(reader, account));
        }

        return found;
    }

    private static async Task<List<Identity>> MakeMissingAsync(
        NpgsqlConnection connection, AccountId account, IReadOnlyList<OwnAddress> own, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using (var guard = new NpgsqlCommand("SELECT FROM account_state WHERE account_id = $1 FOR UPDATE", connection, transaction))
        {
            guard.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
            await guard.ExecuteNonQueryAsync(ct);
        }

        // Again behind the lock: another request may have made them meanwhile.
        var stored = await StoredAsync(connection, account, ct);
        foreach (var address in own.Where(a => !stored.Any(i => Same(i.Email, a.Address))))
        {
            await using var insert = new NpgsqlCommand($"""
                WITH s AS (UPDATE account_state SET mod_seq = mod_seq + 1 WHERE account_id = $1 RETURNING mod_seq)
                INSERT INTO identity (account_id, id, mod_seq, name, email) SELECT $1, s.mod_seq, s.mod_seq, $2, $3 FROM s
                RETURNING {Columns}
                """, connection, transaction);
            insert.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
            insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = address.DisplayName });
            insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = address.Address });
            await using var reader = await insert.ExecuteReaderAsync(ct);
            if (await reader.ReadAsync(ct))
            {
                stored.Add(Read(reader, account));
            }
        }

        await transaction.CommitAsync(ct);
        return stored;
    }

    private async Task<Identity?> WriteAsync(
        NpgsqlConnection connection, AccountId account, string sql, long id, IdentityChange change, string last, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = id });
        foreach (var value in new[] { change.Name, change.ReplyTo, change.TextSignature, change.HtmlSignature })
        {
            command.Parameters.Add(new NpgsqlParameter { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        }

        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = last });
        Identity? written = null;
        await using (var reader = await command.ExecuteReaderAsync(ct))
        {
            if (await reader.ReadAsync(ct))
            {
                written = Read(reader, account);
            }
        }

        if (written is not null)
        {
            feed.Publish(account, new ModSeq(written.ModSeq));
        }

        return written;
    }

    private static Identity Read(NpgsqlDataReader r, AccountId account) => new()
    {
        AccountId = account,
        Id = r.GetInt64(0),
        ModSeq = r.GetInt64(1),
        Name = r.GetString(2),
        Email = r.GetString(3),
        ReplyTo = r.IsDBNull(4) ? null : r.GetString(4),
        TextSignature = r.IsDBNull(5) ? null : r.GetString(5),
        HtmlSignature = r.IsDBNull(6) ? null : r.GetString(6),
    };
}
