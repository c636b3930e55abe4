using System.Security.Cryptography;
using MailKit;
using MailKit.Net.Imap;
using Microsoft.Extensions.Options;
using SaaS.Domain.Common;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;
using SaaS.Domain.Moves;
using SaaS.MailHost.Net;

namespace SaaS.MailHost.Moves;

/// <summary>One run of a move from sign-in to the last check. Safe to break off anywhere and to begin again.</summary>
internal sealed class MoveRun(
    MoveLedger ledger, MovedMessages moved, MessageStore store, MailboxService mailboxes, SourceConnections sources, IOptions<MoveOptions> options,
    IOptions<DataOptions> data, MoveMetrics metrics, ILogger<MoveRun> log)
{
    private const int CheckPage = 200;

    /// <param name="Brought">Messages of this run.</param>
    /// <param name="QuotaLacks">Dry run: octets that do not fit.</param>
    public sealed record Result(long Brought, long QuotaLacks);

    /// <summary>Messages brought so far, also where it ends with an exception: a run that gets somewhere may be tried again.</summary>
    public long Brought { get; private set; }

    public async Task<Result> RunAsync(MoveLease move, CancellationToken ct)
    {
        await ledger.ForgetDifferencesAsync(move, ct);
        using var source = new SourceReader(move, sources);
        await source.ConnectAsync(ct);
        var key = MoveKeys.Source("imap", move.Host, move.UserName);
        var plan = await PlanAsync(move, source.Connection.Client, ct);
        if (plan.Count > MoveLedger.MaxFolders)
        {
            throw new MoveFailedException($"The source has more than {MoveLedger.MaxFolders} folders.");
        }

        await ledger.PutFoldersAsync(move, [.. plan.Select(p => (MoveKeys.Folder(key, p.Source.Name), p.Source.Name, (string?)p.Target))], ct);
        var bytes = await CountAsync(move, source.Connection, key, plan, ct);
        if (move.DryRun)
        {
            var usage = await mailboxes.UsageAsync(move.Account, ct) ?? throw new MoveFailedException("The account is not here any more.");
            return new Result(0, Math.Max(0, usage.UsedBytes + bytes - usage.QuotaBytes));
        }

        var boxes = new Dictionary<long, long>();
        foreach (var folder in plan)
        {
            ct.ThrowIfCancellationRequested();
            var id = MoveKeys.Folder(key, folder.Source.Name);
            try
            {
                if (await TargetAsync(move, key, id, folder, ct) is not { } target)
                {
                    continue;
                }

                await source.OpenAsync(folder.Source.Name, ct);
                boxes[id] = source.Folder.UidValidity;
                var copy = new FolderCopy(
                    move, source, folder, key, id, target, ledger, moved, store, options.Value, data.Value.SpoolPath, metrics, log);
                try
                {
                    await copy.RunAsync(ct);
                }
                finally
                {
                    Brought += copy.Brought;
                }

                await ledger.FolderAsync(move, id, MoveFolderState.Checking, ct);
            }
            catch (Exception e) when (e is FolderNotFoundException or ImapCommandException)
            {
                boxes.Remove(id);
                await FolderFailedAsync(move, id, folder, $"The source does not open it: {SourceConnections.Short(e.Message)}", ct);
            }
        }

        await source.Connection.Client.DisconnectAsync(true, ct);
        foreach (var folder in plan)
        {
            var id = MoveKeys.Folder(key, folder.Source.Name);
            if (boxes.TryGetValue(id, out var validity))
            {
                await CheckAsync(move, id, folder.Source.Name, validity, ct);
                await ledger.FolderAsync(move, id, MoveFolderState.Done, ct);
            }
        }

        return new Result(Brought, 0);
    }

    private async Task<List<PlannedFolder>> PlanAsync(MoveLease move, ImapClient client, CancellationToken ct)
    {
        var place = client.PersonalNamespaces.Count > 0 ? client.PersonalNamespaces[0] : new FolderNamespace('/', "");
        var listed = await client.GetFoldersAsync(place, StatusItems.None, false, ct);
        var subscribed = (await client.GetFoldersAsync(place, StatusItems.None, true, ct)).Select(f => f.FullName).ToHashSet(StringComparer.Ordinal);
        var folders = listed.Append(client.Inbox).DistinctBy(f => f.FullName, StringComparer.Ordinal)
            .Where(f => f.FullName.Length > 0)
            .Select(f => new SourceFolder(
                f.FullName, f.DirectorySeparator, UseOf(f.Attributes), (f.Attributes & (FolderAttributes.NoSelect | FolderAttributes.NonExistent)) == 0,
                subscribed.Contains(f.FullName)))
            .ToList();
        var own = await mailboxes.ListAsync(move.Account, ct);
        return FolderPlan.Make(folders, place.Path, [.. own.Select(m => (m.Name, m.SpecialUse))]);
    }

    private static SpecialUse UseOf(FolderAttributes a) =>
        a.HasFlag(FolderAttributes.Sent) ? SpecialUse.Sent
        : a.HasFlag(FolderAttributes.Drafts) ? SpecialUse.Drafts
        : a.HasFlag(FolderAttributes.Trash) ? SpecialUse.Trash
        : a.HasFlag(FolderAttributes.Junk) ? SpecialUse.Junk
        : a.HasFlag(FolderAttributes.Archive) ? SpecialUse.Archive
        : a.HasFlag(FolderAttributes.All) ? SpecialUse.All
        : a.HasFlag(FolderAttributes.Important) ? SpecialUse.Important
        : a.HasFlag(FolderAttributes.Flagged) ? SpecialUse.Flagged
        : SpecialUse.None;

    /// <summary>Counts all folders before the first is copied. Returns the octets that are still to be brought.</summary>
    private async Task<long> CountAsync(MoveLease move, SourceConnection source, long key, List<PlannedFolder> plan, CancellationToken ct)
    {
        var tells = source.Client.Capabilities.HasFlag(ImapCapabilities.StatusSize);
        var missing = 0L;
        foreach (var folder in plan)
        {
            var id = MoveKeys.Folder(key, folder.Source.Name);
            try
            {
                var there = await source.Client.GetFolderAsync(folder.Source.Name, ct);
                await there.StatusAsync(StatusItems.Count | StatusItems.UidValidity | (tells ? StatusItems.Size : StatusItems.None), ct);
                var bytes = (long)(there.Size ?? 0);
                if (!tells && move.DryRun && there.Count > 0)
                {
                    bytes = await SizeAsync(source, there, ct);
                }

                var known = (await moved.KnownAsync(move.Account, id, ct)).Count;
                missing += there.Count <= known ? 0 : bytes * (there.Count - known) / there.Count;
                await ledger.FolderAsync(
                    move, id, move.DryRun ? MoveFolderState.Done : MoveFolderState.Waiting, ct, messages: there.Count, bytes: bytes,
                    present: Math.Min(known, there.Count));
            }
            catch (Exception e) when (e is FolderNotFoundException or ImapCommandException)
            {
                if (move.DryRun)
                {
                    await FolderFailedAsync(move, id, folder, $"The source does not open it: {SourceConnections.Short(e.Message)}", ct);
                }
            }
        }

        return missing;
    }

    private static async Task<long> SizeAsync(SourceConnection source, IMailFolder folder, CancellationToken ct)
    {
        await folder.OpenAsync(FolderAccess.ReadOnly, ct);
        var sum = 0L;
        for (var first = 0; first < folder.Count; first += 5000)
        {
            source.Wire.Expect(5000 * 100);
            sum += (await folder.FetchAsync(first, Math.Min(first + 4999, folder.Count - 1), new FetchRequest(MessageSummaryItems.Size), ct))
                .Sum(s => (long)(s.Size ?? 0));
        }

        await folder.CloseAsync(false, ct);
        return sum;
    }

    /// <summary>The mailbox that stands for the folder: the one of earlier runs, however it is called by now; else by the plan.</summary>
    private async Task<MailboxId?> TargetAsync(MoveLease move, long key, long id, PlannedFolder folder, CancellationToken ct)
    {
        var before = await moved.FoldersAsync(move.Account, key, ct);
        if (before.TryGetValue(id, out var known) && await mailboxes.GetAsync(move.Account, known, ct) is { } still)
        {
            await ledger.FolderAsync(move, id, MoveFolderState.Copying, ct, target: still.Name);
            return still.Id;
        }

        var mailbox = await mailboxes.FindAsync(move.Account, folder.Target, ct);
        if (mailbox is null)
        {
            var use = folder.Use is SpecialUse.Inbox or SpecialUse.All ? SpecialUse.None : folder.Use;
            var made = await mailboxes.CreateAsync(move.Account, folder.Target, use, folder.Source.Subscribed, ct);
            if (!made.Ok)
            {
                await FolderFailedAsync(move, id, folder, $"It cannot be made here: {made.Refusal.Text}", ct);
                return null;
            }

            mailbox = made.Value;
        }
        else if (folder.Source.Subscribed != mailbox.Subscribed && !before.ContainsKey(id) && (folder.Source.Subscribed || folder.Use == SpecialUse.None))
        {
            await mailboxes.UpdateAsync(move.Account, mailbox.Id, folder.Source.Subscribed, null, null, ct);
        }

        await moved.SetFolderAsync(move.Account, key, id, folder.Source.Name, mailbox.Id, ct);
        return mailbox.Id;
    }

    private async Task FolderFailedAsync(MoveLease move, long id, PlannedFolder folder, string why, CancellationToken ct)
    {
        await ledger.DifferAsync(move, folder.Source.Name, MoveDifferenceKind.Folder, 0, null, why, ct);
        await ledger.FolderAsync(move, id, MoveFolderState.Failed, ct, error: why);
    }

    /// <summary>Reads back all that this move brought, and compares it with what the source gave.</summary>
    private async Task CheckAsync(MoveLease move, long id, string name, long validity, CancellationToken ct)
    {
        for (var after = 0L; ;)
        {
            var page = await moved.BroughtAsync(move.Account, move.Run, id, validity, after, CheckPage, ct);
            foreach (var (uid, _, content, stored) in page)
            {
                ct.ThrowIfCancellationRequested();
                await using var bytes = stored is { } there ? await store.OpenRawAsync(move.Account, there, ct) : null;
                if (bytes is null)
                {
                    await ledger.DifferAsync(
                        move, name, MoveDifferenceKind.Missing, uid, null, "It was stored and is not here any more: somebody deleted it since.", ct);
                }
                else if (!(await SHA256.HashDataAsync(bytes, ct)).AsSpan().SequenceEqual(content))
                {
                    await ledger.DifferAsync(move, name, MoveDifferenceKind.Content, uid, null, "What stands here is not what the source gave.", ct);
                }
            }

            await ledger.CountAsync(move, id, ct, verified: page.Count);
            if (page.Count < CheckPage)
            {
                return;
            }

            after = page[^1].Uid;
        }
    }
}
