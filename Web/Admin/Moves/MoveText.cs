using SaaS.Client.Moves;
using SaaS.Web.Portal;

namespace SaaS.Web.Admin.Moves;

/// <summary>How moves are put to their readers.</summary>
internal static class MoveText
{
    public static (string Text, Tone Tone) Of(MoveView m) => m.State switch
    {
        MoveState.Waiting => (m.Error is null ? "Waiting" : "Tries again", m.Error is null ? Tone.Neutral : Tone.Warn),
        MoveState.Running => (m.Cancelling ? "Stopping" : m.DryRun ? "Trying" : "Moving", Tone.Info),
        MoveState.Done when m is { DryRun: true, QuotaLacks: > 0 } => ("Does not fit", Tone.Warn),
        MoveState.Done when m.Differences > 0 => ("Done, with differences", Tone.Warn),
        MoveState.Done => (m.DryRun ? "Would work" : "Done", Tone.Good),
        MoveState.Failed => ("Failed", Tone.Bad),
        _ => ("Called off", Tone.Neutral),
    };

    public static (string Text, Tone Tone) Of(MoveFolderState s) => s switch
    {
        MoveFolderState.Waiting => ("Waiting", Tone.Neutral),
        MoveFolderState.Copying => ("Copying", Tone.Info),
        MoveFolderState.Checking => ("Checking", Tone.Info),
        MoveFolderState.Done => ("Done", Tone.Good),
        _ => ("Left out", Tone.Bad),
    };

    public static string Of(MoveDifferenceKind kind) => kind switch
    {
        MoveDifferenceKind.Skipped => "Not moved",
        MoveDifferenceKind.Missing => "Not here any more",
        MoveDifferenceKind.Content => "Content differs",
        MoveDifferenceKind.Count => "Count differs",
        MoveDifferenceKind.Folder => "Folder",
        _ => "Keywords",
    };
}
