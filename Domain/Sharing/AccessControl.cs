using Npgsql;
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;

namespace SaaS.Domain.Sharing;

public enum RightsChange
{
    Replace,
    Add,
    Remove,
}

/// <summary>The access control list of a mailbox (RFC 4314): whom its owner lets in. Names are addresses of accounts and groups, and "anyone".</summary>
public sealed class AccessControl(MailDatabase database, IChangeFeed feed)
{
    public const string Anyone = "anyone";

    /// <summary>Entries of one mailbox.</summary>
    public const int MaxEntries = 200;

    /// <summary>Whoever has been let in, into this mailbox or the whole account, by name. The owner is not among them.</summary>
    public async Task<IReadOnlyList<(string Name, MailboxRights Rights)>> ListAsync(AccountId account, MailboxId mailbox, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new NpgsqlCommand($"""
            SELECT coalesce(a.address, p.address, '{Anyone}') AS name, bit_or(g.rights)
            FROM mailbox_grant g
            LEFT JOIN account a ON g.grantee_kind = 0 AND a.id = g.grantee_id AND a.deleted_at IS NULL
            LEFT JOIN mail_group p ON g.grantee_kind = 1 AND p.id = g.grantee_id
            WHERE g.account_id = $1 AND g.mailbox_id IN (0, $2) AND (a.id IS NOT NULL OR p.id IS NOT NULL OR g.grantee_kind = 2)
            GROUP BY 1 ORDER BY 1
            """, connection);
        command.Parameters.Add(Bigint(account.Value));
        command.Parameters.Add(Bigint(mailbox.Value));
        var entries = new List<(string, MailboxRights)>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            if (((MailboxRights)reader.GetInt32(1) & MailboxRights.All) is not MailboxRights.None and var rights)
            {
                entries.Add((reader.GetString(0), rights));
            }
        }

        return entries;
    }

    /// <summary>Refusals: NotFound (mailbox), Invalid (no such name in the tenant, or the owner's own), LimitReached.</summary>
    public async Task<Refusal?> SetAsync(
        AccountId account, MailboxId mailbox, string name, RightsChange change, MailboxRights rights, CancellationToken ct)
    {
        rights &= MailboxRights.All;
        await using var connection = await database.OpenAsync(account, ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);

        // The account's lock: entries are counted behind it, and a mailbox that goes takes its grants along.
        await using (var gate = new NpgsqlCommand("""
            SELECT EXISTS (SELECT FROM mailbox WHERE account_id = $1 AND id = $2) FROM account_state WHERE account_id = $1 FOR UPDATE
            """, connection))
        {
            gate.Parameters.Add(Bigint(account.Value));
            gate.Parameters.Add(Bigint(mailbox.Value));
            if (await gate.ExecuteScalarAsync(ct) is not true)
            {
                return Refusal.NotFound("mailbox");
            }
        }

        if (await GranteeAsync(connection, account, name, ct) is not var (kind, id))
        {
            return Refusal.Invalid("identifier", "There is no user or group of this name.");
        }

        if (kind == GranteeKind.Account && id == account.Value)
        {
            return Refusal.Invalid("identifier", "The owner has all rights, always.");
        }

        await using var command = new NpgsqlCommand("""
            WITH changed AS (
              INSERT INTO mailbox_grant AS g (account_id, mailbox_id, grantee_kind, grantee_id, rights)
              SELECT $1, $2, $3, $4, $5 WHERE NOT $7
              ON CONFLICT (account_id, mailbox_id, grantee_kind, grantee_id) DO UPDATE SET rights = CASE WHEN $6 THEN g.rights | $5 ELSE $5 END
            )
            UPDATE mailbox_grant SET rights = rights & ~$5
            WHERE $7 AND account_id = $1 AND mailbox_id = $2 AND grantee_kind = $3 AND grantee_id = $4
            """, connection);
        command.Parameters.Add(Bigint(account.Value));
        command.Parameters.Add(Bigint(mailbox.Value));
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)kind });
        command.Parameters.Add(Bigint(id));
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = (int)rights });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = change == RightsChange.Add });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = change == RightsChange.Remove });
        await command.ExecuteNonQueryAsync(ct);
        await using (var tidy = new NpgsqlCommand(
            "DELETE FROM mailbox_grant WHERE account_id = $1 AND mailbox_id = $2 AND rights = 0", connection))
        {
            tidy.Parameters.Add(Bigint(account.Value));
            tidy.Parameters.Add(Bigint(mailbox.Value));
            await tidy.ExecuteNonQueryAsync(ct);
        }

        await using (var count = new NpgsqlCommand("SELECT count(*) FROM mailbox_grant WHERE account_id = $1 AND mailbox_id = $2", connection))
        {
            count.Parameters.Add(Bigint(account.Value));
            count.Parameters.Add(Bigint(mailbox.Value));
            if (await count.ExecuteScalarAsync(ct) is > (long)MaxEntries)
            {
                return new Refusal(RefusalReason.LimitReached, $"A mailbox is shared to at most {MaxEntries} users and groups.");
            }
        }

        await transaction.CommitAsync(ct);
        feed.Wake(ShareDirectory.Topic);
        return null;
    }

    /// <summary>A user or a group of the account's own tenant.</summary>
    private static async Task<(GranteeKind Kind, long Id)?> GranteeAsync(
        NpgsqlConnection connection, AccountId account, string name, CancellationToken ct)
    {
        var key = MailAddress.TryParse(name, out var address) ? Accounts.AddressBook.KeyOf(address) : name == Anyone ? "" : null;
        if (key is null)
        {
            return null;
        }

        await using var command = new NpgsqlCommand("""
            WITH me AS (SELECT tenant_id FROM account WHERE id = $1)
            SELECT 0, a.id FROM me JOIN account a ON a.tenant_id = me.tenant_id WHERE a.address = $2 AND a.deleted_at IS NULL AND (a.kind = 0 OR a.id = $1)
            UNION ALL SELECT 1, g.id FROM me JOIN mail_group g ON g.tenant_id = me.tenant_id WHERE g.address = $2
            UNION ALL SELECT 2, me.tenant_id FROM me WHERE $2 = ''
            """, connection);
        command.Parameters.Add(Bigint(account.Value));
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key });
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? ((GranteeKind)reader.GetInt32(0), reader.GetInt64(1)) : null;
    }

    private static NpgsqlParameter<long> Bigint(long value) => new() { TypedValue = value };
}
