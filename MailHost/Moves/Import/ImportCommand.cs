using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using SaaS.Domain;
using SaaS.Domain.Audit;
using SaaS.Domain.Common;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Moves;

namespace SaaS.MailHost.Moves.Import;

/// <summary>
/// For operators, on a machine that has the files: <c>MailHost import-maildir DIR --account ADDRESS</c> and
/// <c>MailHost import-mbox FILE --account ADDRESS [--mailbox NAME]</c>. Safe to run again: what is here already is passed over.
/// </summary>
internal sealed class ImportCommand(IServiceProvider services, TextWriter output, string spool)
{
    private const int Batch = 50;
    private const long BatchBytes = 2 * 1024 * 1024;
    private const long MaxMessage = 100 * 1024 * 1024;
    private const string Usage = "import-maildir DIR --account ADDRESS | import-mbox FILE --account ADDRESS [--mailbox NAME]";

    private sealed record Target(AccountId Account, TenantId Tenant, long Source);

    private readonly MovedMessages _moved = services.GetRequiredService<MovedMessages>();
    private readonly MailboxService _mailboxes = services.GetRequiredService<MailboxService>();
    private int _brought;
    private int _known;
    private int _skipped;

    /// <summary>True where the command line is one of these.</summary>
    public static bool Is(string[] args) => args is ["import-maildir" or "import-mbox", ..];

    /// <summary>The process's exit code: 0 all is here, 1 it could not be done, 2 wrong usage, 3 some messages were left out.</summary>
    public static async Task<int> RunAsync(string[] args, CancellationToken ct)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.AddDomain(builder.Configuration, fenced: false);
        using var host = builder.Build();
        return await new ImportCommand(host.Services, Console.Out, Path.GetTempPath()).RunLineAsync(args, ct);
    }

    public async Task<int> RunLineAsync(string[] args, CancellationToken ct)
    {
        if (Option(args, "--account") is not { } address || args.Length < 2 || args[1].StartsWith('-'))
        {
            await output.WriteLineAsync($"Usage: {Usage}");
            return 2;
        }

        try
        {
            var path = Path.GetFullPath(args[1]);
            var target = await TargetAsync(address, $"{args[0]}\n{path}", ct);
            await (args[0] == "import-mbox"
                ? MboxAsync(target, path, Option(args, "--mailbox") ?? MailboxName.Inbox, ct)
                : MaildirAsync(target, path, ct));
        }
        catch (Exception e) when (e is MoveFailedException or IOException or UnauthorizedAccessException)
        {
            await output.WriteLineAsync($"Error: {e.Message}");
            return 1;
        }

        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{_brought} message(s) brought, {_known} were here already, {_skipped} left out."));
        return _skipped > 0 ? 3 : 0;
    }

    private static string? Option(string[] args, string name) => Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : null;

    private async Task<Target> TargetAsync(string address, string source, CancellationToken ct)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<MailDbContext>();
        var key = MailAddress.TryParse(address, out var parsed) ? $"{parsed.LocalKey}@{parsed.Domain}" : address;
        var account = await db.Accounts.AsNoTracking().FirstOrDefaultAsync(x => x.Address == key, ct)
            ?? throw new MoveFailedException($"There is no account {address}.");
        var reseller = await db.Tenants.Where(t => t.Id == account.TenantId).Select(t => t.ResellerId).FirstAsync(ct);
        scope.ServiceProvider.GetRequiredService<AuditLog>().Add("account.import", account.Address, reseller, account.TenantId);
        await db.SaveChangesAsync(ct);
        return new Target(account.Id, account.TenantId, MoveKeys.Hash($"{source}\n{account.Id}"));
    }

    private async Task MaildirAsync(Target target, string root, CancellationToken ct)
    {
        var folders = MaildirReader.Folders(root);
        var own = await _mailboxes.ListAsync(target.Account, ct);
        var plan = FolderPlan.Make(
            [.. folders.Select(f => new SourceFolder(f.Name, '/', SpecialUse.None, true, f.Subscribed))], "", [.. own.Select(m => (m.Name, m.SpecialUse))]);
        foreach (var planned in plan)
        {
            var folder = folders.First(f => f.Name == planned.Source.Name);
            var mailbox = await MailboxAsync(target, planned, ct);
            var keywords = MaildirReader.Keywords(folder);
            await StoreAsync(target, planned.Source.Name, mailbox, MessagesAsync(folder, keywords, ct), ct);
        }
    }

    private async IAsyncEnumerable<(string Name, Func<Task<IncomingMessage?>> Read)> MessagesAsync(
        MaildirFolder folder, IReadOnlyList<string> keywords, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        await Task.CompletedTask;
        foreach (var file in MaildirReader.Files(folder))
        {
            yield return (file.Name, () => ReadAsync(file, keywords, ct));
        }
    }

    private async Task<IncomingMessage?> ReadAsync(FileInfo file, IReadOnlyList<string> keywords, CancellationToken ct)
    {
        if (file.Length is 0 or > MaxMessage)
        {
            return null;
        }

        // Owned by the message until it is stored.
        var bytes = new IncomingBytes(spool);
        await using var stream = file.OpenRead();
        await bytes.CopyAsync(stream, ct);
        var flags = MaildirReader.Flags(file.Name, keywords);
        var hash = bytes.Digest();
        return new IncomingMessage(
            MoveKeys.Hash(MaildirReader.BaseName(file.Name)), hash[..16], hash, bytes.Bytes, flags.Flags, flags.Keywords,
            new DateTimeOffset(file.LastWriteTimeUtc));
    }

    private async Task MboxAsync(Target target, string file, string mailbox, CancellationToken ct)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1, FileOptions.SequentialScan);
        var reader = new MboxReader(stream, spool);
        var box = await MailboxAsync(target, new PlannedFolder(new SourceFolder(mailbox, '/', SpecialUse.None, true, true), mailbox, SpecialUse.None), ct);
        await StoreAsync(target, mailbox, box, MessagesAsync(reader, ct), ct);
    }

    private static async IAsyncEnumerable<(string Name, Func<Task<IncomingMessage?>> Read)> MessagesAsync(
        MboxReader reader, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var seen = new Dictionary<long, int>();
        while (await reader.ReadAsync(ct) is { } m)
        {
            var hash = m.Bytes.Digest();
            var key = MoveKeys.Hash(hash);

            // The same message twice in one file is two messages.
            var copy = seen[key] = seen.GetValueOrDefault(key) + 1;
            var uid = copy == 1 ? key : MoveKeys.Hash(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{key} {copy}")));
            var message = new IncomingMessage(uid, hash[..16], hash, m.Bytes.Bytes, m.Flags, m.Keywords, m.Date);
            yield return (m.MessageId ?? "?", () => Task.FromResult(m.Bytes.Bytes.Length is 0 or > MaxMessage ? null : message));
        }
    }

    private async Task<MailboxId> MailboxAsync(Target target, PlannedFolder folder, CancellationToken ct)
    {
        var mailbox = await _mailboxes.FindAsync(target.Account, folder.Target, ct);
        if (mailbox is null)
        {
            var made = await _mailboxes.CreateAsync(
                target.Account, folder.Target, folder.Use is SpecialUse.Inbox or SpecialUse.All ? SpecialUse.None : folder.Use, folder.Source.Subscribed, ct);
            mailbox = made.Ok ? made.Value : throw new MoveFailedException($"The mailbox {folder.Target} cannot be made: {made.Refusal.Text}");
        }

        await _moved.SetFolderAsync(target.Account, target.Source, MoveKeys.Folder(target.Source, folder.Source.Name), folder.Source.Name, mailbox.Id, ct);
        return mailbox.Id;
    }

    private async Task StoreAsync(
        Target target, string name, MailboxId mailbox, IAsyncEnumerable<(string Name, Func<Task<IncomingMessage?>> Read)> messages, CancellationToken ct)
    {
        var folder = MoveKeys.Folder(target.Source, name);
        var known = (await _moved.KnownAsync(target.Account, folder, ct)).Select(k => k.Uid).ToHashSet();
        var batch = new List<IncomingMessage>();
        await foreach (var (label, read) in messages.WithCancellation(ct))
        {
            if (await read() is not { } message)
            {
                _skipped++;
                await output.WriteLineAsync($"{name}: {label} is empty or too large, and left out.");
                continue;
            }

            if (!known.Add(message.Uid))
            {
                _known++;
                await message.Bytes.DisposeAsync();
                continue;
            }

            batch.Add(message);
            if (batch.Count == Batch || batch.Sum(m => m.Bytes.Length) > BatchBytes)
            {
                await StoreAsync(target, folder, mailbox, batch, ct);
                batch.Clear();
            }
        }

        if (batch.Count > 0)
        {
            await StoreAsync(target, folder, mailbox, batch, ct);
        }

        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{name}: {_brought} brought so far"));
    }

    private async Task StoreAsync(Target target, long folder, MailboxId mailbox, List<IncomingMessage> batch, CancellationToken ct)
    {
        var stored = await _moved.StoreAsync(target.Account, target.Tenant, 0, 0, folder, 0, mailbox, exceedQuota: true, batch, ct);
        foreach (var message in batch)
        {
            await message.Bytes.DisposeAsync();
        }

        if (!stored.Ok)
        {
            throw new MoveFailedException(stored.Refusal.Text);
        }

        _brought += batch.Count;
    }
}
