using System.Text;
using Npgsql;
using NpgsqlTypes;
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;

namespace SaaS.Domain.Sieve.Scripts;

/// <summary>A script without its content.</summary>
public sealed record SieveScriptInfo(long Id, string Name, int Size, bool Active, long ModSeq);

/// <summary>All that a delivery needs of an account, as it stands at <paramref name="Version"/>.</summary>
public sealed record SieveFilter(
    long Version, string? Active, IReadOnlyDictionary<string, string> Others, VacationResponse? Away, bool Elsewhere = false);

/// <summary>
/// Scripts and the vacation response of an account. Each change locks the account's state row and takes a modseq, which becomes the filter's
/// version there: the store refuses a delivery that was filtered by another version than stands when it commits.
/// </summary>
public sealed class SieveScriptService(MailDatabase database, IChangeFeed feed, SieveLimits limits, TimeProvider clock)
{
    private const string Columns = "id, name, size, active, mod_seq";
    private const int MaxSubject = 500;
    private const int MaxBody = 64 * 1024;

    public SieveLimits Limits => limits;

    /// <summary>All scripts by name, and the state that changes with any of them.</summary>
    public async Task<(IReadOnlyList<SieveScriptInfo> Scripts, long State)> ListAsync(AccountId account, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        var state = await StateAsync(connection, account, ct);
        return (await ListAsync(connection, account, ct), state);
    }

    public async Task<long> StateAsync(AccountId account, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        return await StateAsync(connection, account, ct);
    }

    /// <summary>The version that deliveries are to be made against; 0: nothing filters.</summary>
    public async Task<long> VersionAsync(AccountId account, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new NpgsqlCommand("SELECT sieve_version FROM account_state WHERE account_id = $1", connection);
        command.Parameters.Add(Bigint(account.Value));
        return await command.ExecuteScalarAsync(ct) as long? ?? 0;
    }

    public async Task<SieveScriptEntry?> FindAsync(AccountId account, string name, CancellationToken ct) =>
        SieveScriptName.Normalize(name) is { Ok: true, Value: { } normal } ? await OneAsync(account, "name = $2", Text(normal), ct) : null;

    public Task<SieveScriptEntry?> GetAsync(AccountId account, long id, CancellationToken ct) => OneAsync(account, "id = $2", Bigint(id), ct);

    /// <summary>Whether a script of that name and size would be taken. Refusals: Invalid (name), TooLarge, LimitReached.</summary>
    public async Task<Refusal?> HaveSpaceAsync(AccountId account, string name, long size, CancellationToken ct)
    {
        if (SieveScriptName.Normalize(name) is not { Ok: true, Value: { } normal } named)
        {
            return SieveScriptName.Normalize(name).Refusal;
        }

        if (size > limits.MaxScriptBytes)
        {
            return TooLarge();
        }

        var (scripts, _) = await ListAsync(account, ct);
        return scripts.Count >= limits.MaxScripts && !scripts.Any(s => s.Name == normal) ? TooMany() : null;
    }

    /// <summary>Makes or replaces a script by its name. Refusals: Invalid (name; content, with the line), TooLarge, LimitReached.</summary>
    public async Task<Outcome<SieveScriptInfo>> PutAsync(AccountId account, string name, string content, CancellationToken ct)
    {
        if (Check(ref name, content) is { } refusal)
        {
            return refusal;
        }

        return await ChangeAsync<SieveScriptInfo>(account, async change =>
        {
            var old = change.All.FirstOrDefault(s => s.Name == name);
            if (old is null && change.All.Count >= limits.MaxScripts)
            {
                return TooMany();
            }

            var made = new SieveScriptInfo(old?.Id ?? change.ModSeq, name, Encoding.UTF8.GetByteCount(content), old?.Active ?? false, change.ModSeq);
            await change.ExecuteAsync("""
                INSERT INTO sieve_script (account_id, id, name, content, size, active, mod_seq, changed_at) VALUES ($1, $2, $3, $4, $5, false, $6, $7)
                ON CONFLICT (account_id, id) DO UPDATE SET content = $4, size = $5, mod_seq = $6, changed_at = $7
                """, ct, Bigint(made.Id), Text(name), Text(content), new NpgsqlParameter<int> { TypedValue = made.Size }, Bigint(change.ModSeq),
                new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
            return made;
        }, ct);
    }

    /// <summary>Changes what is not null of one script. Refusals: NotFound, AlreadyExists, Invalid, TooLarge.</summary>
    public async Task<Outcome<SieveScriptInfo>> UpdateAsync(AccountId account, long id, string? name, string? content, CancellationToken ct)
    {
        var wanted = name ?? "x";
        if (Check(ref wanted, content) is { } refusal)
        {
            return refusal;
        }

        return await ChangeAsync<SieveScriptInfo>(account, async change =>
        {
            if (change.All.FirstOrDefault(s => s.Id == id) is not { } old)
            {
                return Refusal.NotFound("script");
            }

            var newName = name is null ? old.Name : wanted;
            if (change.All.Any(s => s.Id != id && s.Name == newName))
            {
                return new Refusal(RefusalReason.AlreadyExists, "A script with this name exists.", "name");
            }

            var size = content is null ? old.Size : Encoding.UTF8.GetByteCount(content);
            await change.ExecuteAsync("""
                UPDATE sieve_script SET name = $3, content = coalesce($4, content), size = $5, mod_seq = $6, changed_at = $7
                WHERE account_id = $1 AND id = $2
                """, ct, Bigint(id), Text(newName), new NpgsqlParameter { Value = (object?)content ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                new NpgsqlParameter<int> { TypedValue = size }, Bigint(change.ModSeq),
                new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
            return old with { Name = newName, Size = size, ModSeq = change.ModSeq };
        }, ct);
    }

    /// <summary>Refusals: NotFound, AlreadyExists, Invalid.</summary>
    public async Task<Refusal?> RenameAsync(AccountId account, string name, string newName, CancellationToken ct) =>
        await FindAsync(account, name, ct) is { } script
            ? (await UpdateAsync(account, script.Id, newName, null, ct)).Refusal
            : Refusal.NotFound("script");

    /// <summary>Refusals: NotFound, Conflict (the active script cannot be deleted).</summary>
    public async Task<Refusal?> DeleteAsync(AccountId account, long id, CancellationToken ct) => (await ChangeAsync<bool>(account, async change =>
    {
        if (change.All.FirstOrDefault(s => s.Id == id) is not { } old)
        {
            return Refusal.NotFound("script");
        }

        if (old.Active)
        {
            return new Refusal(RefusalReason.Conflict, "The active script cannot be deleted.");
        }

        await change.ExecuteAsync("DELETE FROM sieve_script WHERE account_id = $1 AND id = $2", ct, Bigint(id));
        return true;
    }, ct)).Refusal;

    /// <summary>Makes one script the active one; null: none. Refusal: NotFound.</summary>
    public async Task<Refusal?> ActivateAsync(AccountId account, long? id, CancellationToken ct) => (await ChangeAsync<bool>(account, async change =>
    {
        if (id is { } wanted && !change.All.Any(s => s.Id == wanted))
        {
            return Refusal.NotFound("script");
        }

        // The modseq is the content's, which stays.
        await change.ExecuteAsync(
            "UPDATE sieve_script SET active = (id = $2) WHERE account_id = $1 AND active <> (id = $2)", ct, Bigint(id ?? 0));
        return true;
    }, ct)).Refusal;

    /// <summary>The response as it stands; switched off and empty where it was never set.</summary>
    public async Task<VacationResponse> VacationAsync(AccountId account, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        return await VacationAsync(connection, account, ct) ?? new VacationResponse { AccountId = account };
    }

    /// <summary>Refusal: Invalid (too long, or it ends before it begins).</summary>
    public async Task<Refusal?> SetVacationAsync(AccountId account, VacationResponse values, CancellationToken ct)
    {
        if (values.Subject?.Length > MaxSubject || values.TextBody?.Length > MaxBody || values.HtmlBody?.Length > MaxBody)
        {
            return Refusal.Invalid("textBody", $"A subject has at most {MaxSubject}, a text at most {MaxBody} characters.");
        }

        if (values.FromDate is { } from && values.ToDate is { } to && to <= from)
        {
            return Refusal.Invalid("toDate", "The response ends before it begins.");
        }

        return (await ChangeAsync<bool>(account, async change =>
        {
            await change.ExecuteAsync("""
                INSERT INTO vacation_response (account_id, enabled, from_date, to_date, subject, text_body, html_body, mod_seq)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                ON CONFLICT (account_id) DO UPDATE SET enabled = $2, from_date = $3, to_date = $4, subject = $5, text_body = $6, html_body = $7, mod_seq = $8
                """, ct, new NpgsqlParameter<bool> { TypedValue = values.Enabled }, Time(values.FromDate), Time(values.ToDate),
                Nullable(values.Subject), Nullable(values.TextBody), Nullable(values.HtmlBody), Bigint(change.ModSeq));
            return true;
        }, ct)).Refusal;
    }

    /// <summary>What stands for an account's deliveries now, read at one instant.</summary>
    public async Task<SieveFilter> LoadAsync(AccountId account, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new NpgsqlCommand("""
            SELECT s.sieve_version, x.name, x.content, x.active, v.enabled, v.from_date, v.to_date, v.subject, v.text_body, v.html_body, v.mod_seq,
              s.elsewhere
            FROM account_state s
            LEFT JOIN sieve_script x ON x.account_id = s.account_id
            LEFT JOIN vacation_response v ON v.account_id = s.account_id AND v.enabled
            WHERE s.account_id = $1
            """, connection);
        command.Parameters.Add(Bigint(account.Value));
        await using var reader = await command.ExecuteReaderAsync(ct);
        var (version, active, elsewhere) = (0L, (string?)null, false);
        var others = new Dictionary<string, string>(StringComparer.Ordinal);
        VacationResponse? away = null;
        while (await reader.ReadAsync(ct))
        {
            (version, elsewhere) = (reader.GetInt64(0), reader.GetBoolean(11));
            if (!reader.IsDBNull(1))
            {
                if (reader.GetBoolean(3))
                {
                    active = reader.GetString(2);
                }

                others[reader.GetString(1)] = reader.GetString(2);
            }

            if (away is null && !reader.IsDBNull(4))
            {
                away = ReadVacation(reader, 4);
                (away.AccountId, away.ModSeq) = (account, reader.GetInt64(10));
            }
        }

        return new SieveFilter(version, active, others, away, elsewhere);
    }

    private Refusal? Check(ref string name, string? content)
    {
        var normal = SieveScriptName.Normalize(name);
        if (!normal.Ok)
        {
            return normal.Refusal;
        }

        name = normal.Value;
        if (content is null)
        {
            return null;
        }

        if (Encoding.UTF8.GetByteCount(content) > limits.MaxScriptBytes)
        {
            return TooLarge();
        }

        return SieveScript.Compile(content, limits).Problem is { } problem ? Refusal.Invalid("content", problem.ToString()) : null;
    }

    private Refusal TooLarge() => new(RefusalReason.TooLarge, $"A script has at most {limits.MaxScriptBytes} octets.");

    private Refusal TooMany() => new(RefusalReason.LimitReached, $"An account has at most {limits.MaxScripts} scripts.");

    private async Task<SieveScriptEntry?> OneAsync(AccountId account, string where, NpgsqlParameter parameter, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new NpgsqlCommand(
            $"SELECT {Columns}, content, changed_at FROM sieve_script WHERE account_id = $1 AND {where}", connection);
        command.Parameters.Add(Bigint(account.Value));
        command.Parameters.Add(parameter);
        await using var reader = await command.ExecuteReaderAsync(ct);
        return !await reader.ReadAsync(ct) ? null : new SieveScriptEntry
        {
            AccountId = account,
            Id = reader.GetInt64(0),
            Name = reader.GetString(1),
            Size = reader.GetInt32(2),
            Active = reader.GetBoolean(3),
            ModSeq = reader.GetInt64(4),
            Content = reader.GetString(5),
            ChangedAt = reader.GetFieldValue<DateTimeOffset>(6),
        };
    }

    private static async Task<List<SieveScriptInfo>> ListAsync(NpgsqlConnection connection, AccountId account, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"SELECT {Columns} FROM sieve_script WHERE account_id = $1 ORDER BY name, id", connection);
        command.Parameters.Add(Bigint(account.Value));
        await using var reader = await command.ExecuteReaderAsync(ct);
        var list = new List<SieveScriptInfo>();
        while (await reader.ReadAsync(ct))
        {
            list.Add(new SieveScriptInfo(reader.GetInt64(0), reader.GetString(1), reader.GetInt32(2), reader.GetBoolean(3), reader.GetInt64(4)));
        }

        return list;
    }

    private static async Task<long> StateAsync(NpgsqlConnection connection, AccountId account, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("SELECT sieve_state FROM account_state WHERE account_id = $1", connection);
        command.Parameters.Add(Bigint(account.Value));
        return await command.ExecuteScalarAsync(ct) as long? ?? 0;
    }

    private static async Task<VacationResponse?> VacationAsync(NpgsqlConnection connection, AccountId account, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            "SELECT enabled, from_date, to_date, subject, text_body, html_body, mod_seq FROM vacation_response WHERE account_id = $1", connection);
        command.Parameters.Add(Bigint(account.Value));
        await using var reader = await command.ExecuteReaderAsync(ct);
        if (!await reader.ReadAsync(ct))
        {
            return null;
        }

        var response = ReadVacation(reader, 0);
        (response.AccountId, response.ModSeq) = (account, reader.GetInt64(6));
        return response;
    }

    private static VacationResponse ReadVacation(NpgsqlDataReader reader, int at) => new()
    {
        Enabled = reader.GetBoolean(at),
        FromDate = reader.IsDBNull(at + 1) ? null : reader.GetFieldValue<DateTimeOffset>(at + 1),
        ToDate = reader.IsDBNull(at + 2) ? null : reader.GetFieldValue<DateTimeOffset>(at + 2),
        Subject = reader.IsDBNull(at + 3) ? null : reader.GetString(at + 3),
        TextBody = reader.IsDBNull(at + 4) ? null : reader.GetString(at + 4),
        HtmlBody = reader.IsDBNull(at + 5) ? null : reader.GetString(at + 5),
    };

    private async Task<Outcome<T>> ChangeAsync<T>(AccountId account, Func<Change, Task<Outcome<T>>> body, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var change = new Change(connection, account);
        if (!await change.BeginAsync(ct))
        {
            return Refusal.NotFound("account");
        }

        var outcome = await body(change);
        if (!outcome.Ok)
        {
            return outcome;
        }

        await change.ExecuteAsync("""
            UPDATE account_state SET sieve_state = $2, sieve_version = CASE
              WHEN EXISTS (SELECT FROM sieve_script WHERE account_id = $1 AND active)
                OR EXISTS (SELECT FROM vacation_response WHERE account_id = $1 AND enabled) THEN $2 ELSE 0 END
            WHERE account_id = $1
            """, ct, Bigint(change.ModSeq));
        await transaction.CommitAsync(ct);
        feed.Publish(account, new ModSeq(change.ModSeq));
        return outcome;
    }

    /// <summary>One change in its transaction, behind the account's lock.</summary>
    private sealed class Change(NpgsqlConnection connection, AccountId account)
    {
        public long ModSeq { get; private set; }

        public List<SieveScriptInfo> All { get; private set; } = [];

        public async Task<bool> BeginAsync(CancellationToken ct)
        {
            await using var command = new NpgsqlCommand(
                "UPDATE account_state SET mod_seq = mod_seq + 1 WHERE account_id = $1 RETURNING mod_seq", connection);
            command.Parameters.Add(Bigint(account.Value));
            if (await command.ExecuteScalarAsync(ct) is not long modSeq)
            {
                return false;
            }

            ModSeq = modSeq;
            All = await ListAsync(connection, account, ct);
            return true;
        }

        public async Task ExecuteAsync(string sql, CancellationToken ct, params NpgsqlParameter[] parameters)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            command.Parameters.Add(Bigint(account.Value));
            command.Parameters.AddRange(parameters);
            await command.ExecuteNonQueryAsync(ct);
        }
    }

    private static NpgsqlParameter<long> Bigint(long value) => new() { TypedValue = value };

    private static NpgsqlParameter<string> Text(string value) => new() { TypedValue = value };

    private static NpgsqlParameter Nullable(string? value) => new() { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)value ?? DBNull.Value };

    private static NpgsqlParameter Time(DateTimeOffset? value) =>
        new() { NpgsqlDbType = NpgsqlDbType.TimestampTz, Value = (object?)value?.ToUniversalTime() ?? DBNull.Value };
}
