using Npgsql;
using SaaS.Domain.Common;

namespace SaaS.Domain.Submissions;

/// <summary>What an account may still send: recipients in 24 hours, as the tenant's plan and the setting sending.perDay say. Asked once a message, by every way in
/// (SMTP submission, JMAP), before it is handed over.</summary>
/// <remarks>Counted by the hour, so the window is 24 to 25 hours long. Messages that are submitted at the same instant may pass together.</remarks>
public sealed class SendAllowance(NpgsqlDataSource source, TimeProvider clock)
{
    private static readonly Refusal Exceeded = new(RefusalReason.RateLimited, "Your sending limit for today is reached.");

    /// <summary>Takes <paramref name="recipients"/> off the allowance; RateLimited, with nothing taken, where they do not fit.</summary>
    public async Task<Refusal?> TakeAsync(AccountId account, int recipients, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var hour = new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, 0, 0, TimeSpan.Zero);
        await using var command = source.CreateCommand("""
            WITH plan AS (
              SELECT CASE WHEN p.send_per_day = 0 THEN s.own WHEN s.own = 0 THEN p.send_per_day ELSE least(p.send_per_day, s.own) END AS send_per_day
              FROM account a JOIN tenant t ON t.id = a.tenant_id JOIN plan p ON p.id = t.plan_id
              CROSS JOIN LATERAL (SELECT coalesce((SELECT (x.value #>> '{}')::int FROM setting x WHERE x.key = 'sending.perDay' AND (x.level, x.owner_id) IN
                ((0, 0), (1, t.reseller_id), (2, t.id), (3, a.domain_id), (4, a.id)) ORDER BY x.level DESC LIMIT 1), 0) AS own) s
              WHERE a.id = $1
            ), old AS (
              DELETE FROM send_usage WHERE account_id = $1 AND hour < $2 - interval '24 hours'
            ), used AS (
              SELECT coalesce(sum(recipients), 0) AS n FROM send_usage WHERE account_id = $1 AND hour >= $2 - interval '24 hours'
            )
            INSERT INTO send_usage AS u (account_id, hour, recipients)
            SELECT $1, $2, $3 FROM plan, used WHERE plan.send_per_day = 0 OR used.n + $3 <= plan.send_per_day
            ON CONFLICT (account_id, hour) DO UPDATE SET recipients = u.recipients + $3
            RETURNING u.recipients
            """);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = hour });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = recipients });
        return await command.ExecuteScalarAsync(ct) is int ? null : Exceeded;
    }
}
