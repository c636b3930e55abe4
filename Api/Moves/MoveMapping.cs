using SaaS.Api.Hosting;
using SaaS.Client.Http;
using SaaS.Client.Moves;
using SaaS.Domain.Common;
using SaaS.Domain.Moves;

namespace SaaS.Api.Moves;

/// <summary>What of it crosses HTTP: never a password.</summary>
internal static class MoveMapping
{
    public static MoveView ToView(MoveSummary s)
    {
        var m = s.Move;
        return new MoveView(
            m.Id, m.TenantId.Value, m.AccountId.Value, m.Address, m.Batch, m.Host, m.Port, (Client.Moves.SourceTls)m.Tls, m.UserName, m.MasterUser, m.DryRun,
            m.FollowFlags, m.FollowExpunges, m.ExceedQuota, (Client.Moves.MoveState)m.State, m.CancelRequested && m.State == Domain.Moves.MoveState.Running,
            m.Error, s.Folders, s.FoldersDone, s.Messages, s.Bytes, s.Present, s.Copied, s.CopiedBytes, s.Skipped, s.Checked, m.Differences, m.QuotaLacks,
            m.CreatedAt, m.StartedAt, m.FinishedAt, m.State == Domain.Moves.MoveState.Waiting ? m.NextAttemptAt : null);
    }

    public static MoveFolderView ToView(MoveFolder f) => new(
        f.SourceName, f.TargetName, (Client.Moves.MoveFolderState)f.State, f.Messages, f.Bytes, f.Present, f.Copied, f.CopiedBytes, f.Skipped, f.FlagsChanged,
        f.Expunged, f.Checked, f.Error);

    public static MoveDifferenceView ToView(MoveDifference d) => new(
        d.Id, d.Folder, (Client.Moves.MoveDifferenceKind)d.Kind, d.Uid, d.MessageIdHeader, d.Text);

    public static MoveSource ToSource(MoveSourceBody b) => new(
        b.Host, b.Port, (Domain.Moves.SourceTls)b.Tls, b.AnyCertificate, b.MasterUser, b.FollowFlags, b.FollowExpunges, b.ExceedQuota, b.MessagesPerSecond,
        b.BytesPerSecond);

    public static MoveItem ToItem(MoveItemBody b) => new(b.UserName, b.Password, b.Target ?? "");

    public static IResult Answer(HttpContext context, Outcome<MoveSummary> found) =>
        found.Ok ? Results.Json(ToView(found.Value), ApiJson.Options) : context.Refused(found.Refusal);
}
