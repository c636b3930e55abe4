using Microsoft.EntityFrameworkCore;
using SaaS.Domain.Audit;
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Common;
using SaaS.Domain.Keys;
using SaaS.Domain.Settings;

namespace SaaS.Domain.Moves;

/// <summary>The old platform and how to behave there: the same for all moves of a batch.</summary>
/// <param name="ExceedQuota">Null: as the setting moves.exceedQuota says; true counts only where that allows it.</param>
public sealed record MoveSource(
    string Host, int Port, SourceTls Tls, bool AnyCertificate = false, string? MasterUser = null, bool FollowFlags = true, bool FollowExpunges = false,
    bool? ExceedQuota = null, int MessagesPerSecond = 0, long BytesPerSecond = 0);

/// <summary>Who comes from there, with which password (the user's own, or the master user's), and into which account.</summary>
public sealed record MoveItem(string UserName, string Password, string Target);

/// <summary>A move with the sums over its folders.</summary>
public sealed record MoveSummary(
    Move Move, int Folders, int FoldersDone, long Messages, long Bytes, long Present, long Copied, long CopiedBytes, long Skipped, long Checked);

/// <summary>Orders moves and says how far they are; the work is done in the role jobs.</summary>
public sealed class MoveService(
    MailDbContext db, AuditLog audit, KeyProtection protection, SettingsService settings, IChangeFeed feed, TimeProvider time)
{
    public const int MaxItems = 500;
    public const string Topic = "moves";

    /// <summary>The row that a move's password belongs to: it cannot be used for another account, host or user.</summary>
    public static string SecretRow(AccountId account, string host, string user) => $"move:{account}:{host}:{user}";

    /// <summary>Refusals: Invalid, NotFound (target), AlreadyExists (a move into the account is under way).</summary>
    public async Task<Outcome<MoveSummary>> CreateAsync(MoveSource source, MoveItem item, bool dryRun, Guid? batch, CancellationToken ct)
    {
        if (db.Caller.Scope is CallerScope.OfAccount)
        {
            return new Refusal(RefusalReason.Forbidden, "Only admins move accounts.");
        }

        if (CheckSource(source) is { } badSource)
        {
            return badSource;
        }

        if (CheckItem(item) is { } badItem)
        {
            return badItem;
        }

        var address = MailAddress.TryParse(item.Target.Trim(), out var parsed) ? $"{parsed.LocalKey}@{parsed.Domain}" : item.Target.Trim();
        var account = await db.Accounts.AsNoTracking().FirstOrDefaultAsync(x => x.Address == address, ct);
        if (account is null)
        {
            return Refusal.Invalid("target", "No such account.");
        }

        var reseller = await db.Tenants.Where(x => x.Id == account.TenantId).Select(x => x.ResellerId).FirstAsync(ct);
        var mayExceed = (await settings.ValueAsync(
            SettingCatalogue.MovesExceedQuota, reseller, account.TenantId, account.DomainId, account.Id, ct)).GetBoolean();
        var host = Host(source.Host);
        var now = time.GetUtcNow();
        var move = new Move
        {
            TenantId = account.TenantId,
            AccountId = account.Id,
            Address = account.Address,
            Batch = batch,
            Host = host,
            Port = source.Port,
            Tls = source.Tls,
            AnyCertificate = source.AnyCertificate,
            UserName = item.UserName,
            MasterUser = string.IsNullOrWhiteSpace(source.MasterUser) ? null : source.MasterUser,
            Secret = protection.Encrypt(SecretRow(account.Id, host, item.UserName), item.Password),
            DryRun = dryRun,
            FollowFlags = source.FollowFlags,
            FollowExpunges = source.FollowExpunges,
            ExceedQuota = mayExceed && source.ExceedQuota != false,
            MessagesPerSecond = source.MessagesPerSecond,
            BytesPerSecond = source.BytesPerSecond,
            NextAttemptAt = now,
            CreatedAt = now,
        };
        db.Add(move);
        audit.Add(
            dryRun ? "move.try" : "move.create", account.Address, reseller, account.TenantId,
            new { host, source.Port, user = item.UserName, source.MasterUser, source.FollowFlags, source.FollowExpunges, move.ExceedQuota });
        if (await db.TrySaveAsync(UnderWay, ct) is { } no)
        {
            return no;
        }

        feed.Wake(Topic);
        return new MoveSummary(move, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    /// <summary>Newest first; the cursor is the last id.</summary>
    public async Task<Page<MoveSummary>> ListAsync(TenantId? tenant, AccountId? account, Guid? batch, MoveState? state, ListQuery list, CancellationToken ct)
    {
        var query = db.Moves.AsNoTracking();
        if (list.After is { } after)
        {
            query = query.Where(x => x.Id < after);
        }

        if (tenant is { } ofTenant)
        {
            query = query.Where(x => x.TenantId == ofTenant);
        }

        if (account is { } ofAccount)
        {
            query = query.Where(x => x.AccountId == ofAccount);
        }

        if (batch is { } ofBatch)
        {
            query = query.Where(x => x.Batch == ofBatch);
        }

        if (state is { } inState)
        {
            query = query.Where(x => x.State == inState);
        }

        if (list.Pattern is { } pattern)
        {
            query = query.Where(x => EF.Functions.ILike(x.Address, pattern) || EF.Functions.ILike(x.UserName, pattern) || EF.Functions.ILike(x.Host, pattern));
        }

        return list.ToPage(await SummarizeAsync(query.OrderByDescending(x => x.Id).Take(list.Limit + 1), ct), x => x.Move.Id);
    }

    public async Task<Outcome<(MoveSummary Move, IReadOnlyList<MoveFolder> Folders)>> GetAsync(long id, CancellationToken ct)
    {
        if ((await SummarizeAsync(db.Moves.AsNoTracking().Where(x => x.Id == id), ct)).FirstOrDefault() is not { } found)
        {
            return Refusal.NotFound("move");
        }

        IReadOnlyList<MoveFolder> folders = await db.MoveFolders.AsNoTracking().Where(x => x.AccountId == found.Move.AccountId && x.MoveId == id)
            .OrderBy(x => x.Position).Take(MoveLedger.MaxFolders).ToListAsync(ct);
        return (found, folders);
    }

    public async Task<Outcome<Page<MoveDifference>>> DifferencesAsync(long id, ListQuery list, CancellationToken ct)
    {
        if (await db.Moves.AsNoTracking().FirstOrDefaultAsync(x => x.Id == id, ct) is not { } move)
        {
            return Refusal.NotFound("move");
        }

        return list.ToPage(
            await db.MoveDifferences.AsNoTracking().Where(x => x.AccountId == move.AccountId && x.MoveId == id && x.Id > (list.After ?? 0))
                .OrderBy(x => x.Id).Take(list.Limit + 1).ToListAsync(ct),
            x => x.Id);
    }

    /// <summary>What runs stops within seconds; what it brought stays. Refusals: NotFound, Conflict (it has ended).</summary>
    public async Task<Outcome<MoveSummary>> CancelAsync(long id, CancellationToken ct)
    {
        var found = await FindForChangeAsync(id, ct);
        if (!found.Ok)
        {
            return found.Refusal;
        }

        var now = time.GetUtcNow();
        var changed = await db.Moves.Where(x => x.Id == id && x.State == MoveState.Waiting).ExecuteUpdateAsync(
            s => s.SetProperty(x => x.State, MoveState.Cancelled).SetProperty(x => x.Secret, (string?)null).SetProperty(x => x.FinishedAt, now), ct);
        if (changed == 0)
        {
            changed = await db.Moves.Where(x => x.Id == id && x.State == MoveState.Running)
                .ExecuteUpdateAsync(s => s.SetProperty(x => x.CancelRequested, true), ct);
        }

        return changed == 0 ? new Refusal(RefusalReason.Conflict, "The move has ended.") : await ChangedAsync(found.Value, "move.cancel", ct);
    }

    /// <summary>Runs it again, which brings what is new. The password is needed again. Refusals: NotFound, Conflict (it has not ended), AlreadyExists.</summary>
    public async Task<Outcome<MoveSummary>> RetryAsync(long id, string password, bool dryRun, CancellationToken ct)
    {
        var found = await FindForChangeAsync(id, ct);
        if (!found.Ok)
        {
            return found.Refusal;
        }

        var move = found.Value;
        if (password.Length is 0 or > 1000)
        {
            return Refusal.Invalid("password", "The password is needed again: it is not kept after a move.");
        }

        if (await db.Moves.AnyAsync(x => x.AccountId == move.AccountId && (x.State == MoveState.Waiting || x.State == MoveState.Running), ct))
        {
            return UnderWay;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await db.MoveFolders.Where(x => x.AccountId == move.AccountId && x.MoveId == id).ExecuteDeleteAsync(ct);
        await db.MoveDifferences.Where(x => x.AccountId == move.AccountId && x.MoveId == id).ExecuteDeleteAsync(ct);
        move.Secret = protection.Encrypt(SecretRow(move.AccountId, move.Host, move.UserName), password);
        move.State = MoveState.Waiting;
        move.DryRun = dryRun;
        (move.CancelRequested, move.Attempts, move.Differences, move.QuotaLacks, move.Error) = (false, 0, 0, 0, null);
        (move.NextAttemptAt, move.StartedAt, move.FinishedAt) = (time.GetUtcNow(), null, null);
        var answer = await ChangedAsync(move, dryRun ? "move.try" : "move.retry", ct);
        if (answer.Ok)
        {
            await transaction.CommitAsync(ct);
            feed.Wake(Topic);
        }

        return answer;
    }

    private static Refusal UnderWay { get; } = new(RefusalReason.AlreadyExists, "A move into this account is under way.", "target");

    private async Task<Outcome<MoveSummary>> ChangedAsync(Move move, string action, CancellationToken ct)
    {
        var reseller = await db.Tenants.Where(x => x.Id == move.TenantId).Select(x => x.ResellerId).FirstAsync(ct);
        audit.Add(action, move.Address, reseller, move.TenantId, new { move.Host, user = move.UserName });
        return await db.TrySaveAsync(UnderWay, ct) is { } no ? no : (await SummarizeAsync(db.Moves.AsNoTracking().Where(x => x.Id == move.Id), ct))[0];
    }

    private async Task<Outcome<Move>> FindForChangeAsync(long id, CancellationToken ct) =>
        await db.Moves.FirstOrDefaultAsync(x => x.Id == id, ct) is not { } move ? Refusal.NotFound("move")
            : db.Caller.Scope is CallerScope.OfAccount ? new Refusal(RefusalReason.Forbidden, "Only admins move accounts.")
            : move;

    private async Task<List<MoveSummary>> SummarizeAsync(IQueryable<Move> query, CancellationToken ct)
    {
        var moves = await query.ToListAsync(ct);
        var accounts = moves.Select(m => m.AccountId).Distinct().ToList();
        var ids = moves.Select(m => m.Id).ToList();
        var sums = await db.MoveFolders.Where(f => accounts.Contains(f.AccountId) && ids.Contains(f.MoveId)).GroupBy(f => f.MoveId).Select(g => new
        {
            g.Key,
            Folders = g.Count(),
            Done = g.Count(f => f.State >= MoveFolderState.Done),
            Messages = g.Sum(f => (long)f.Messages),
            Bytes = g.Sum(f => f.Bytes),
            Present = g.Sum(f => (long)f.Present),
            Copied = g.Sum(f => (long)f.Copied),
            CopiedBytes = g.Sum(f => f.CopiedBytes),
            Skipped = g.Sum(f => (long)f.Skipped),
            Checked = g.Sum(f => (long)f.Checked),
        }).ToDictionaryAsync(x => x.Key, ct);
        return [.. moves.Select(m => sums.GetValueOrDefault(m.Id) is { } s
            ? new MoveSummary(m, s.Folders, s.Done, s.Messages, s.Bytes, s.Present, s.Copied, s.CopiedBytes, s.Skipped, s.Checked)
            : new MoveSummary(m, 0, 0, 0, 0, 0, 0, 0, 0, 0))];
    }

    private static string Host(string host) => host.Trim().TrimEnd('.').ToLowerInvariant();

    private static Refusal? CheckSource(MoveSource s) =>
        Uri.CheckHostName(Host(s.Host ?? "")) is UriHostNameType.Unknown or UriHostNameType.Basic || s.Host!.Length > 253
            ? Refusal.Invalid("host", "Name the host of the old platform's IMAP server.")
        : s.Port is < 1 or > 65535 ? Refusal.Invalid("port", "A port is a number from 1 to 65535.")
        : !Enum.IsDefined(s.Tls) ? Refusal.Invalid("tls", "implicit, startTls or none.")
        : s.MasterUser is { Length: > 320 } || HasControl(s.MasterUser) ? Refusal.Invalid("masterUser", "That is no user name.")
        : s.MessagesPerSecond is < 0 or > 100_000 ? Refusal.Invalid("messagesPerSecond", "0 for no limit of its own, or up to 100,000.")
        : s.BytesPerSecond is < 0 or > 10_000_000_000 ? Refusal.Invalid("bytesPerSecond", "0 for no limit of its own, or up to 10 GB.")
        : null;

    private static Refusal? CheckItem(MoveItem i) =>
        i.UserName is null or { Length: 0 or > 320 } || HasControl(i.UserName) ? Refusal.Invalid("userName", "Name the user at the old platform.")
        : i.Password is null or { Length: 0 or > 1000 } || HasControl(i.Password) ? Refusal.Invalid("password", "The password is missing.")
        : string.IsNullOrWhiteSpace(i.Target) || i.Target.Length > 320 ? Refusal.Invalid("target", "Name the account that the mail goes to.")
        : null;

    private static bool HasControl(string? text) => text?.Any(char.IsControl) == true;
}
