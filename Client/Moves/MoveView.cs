namespace SaaS.Client.Moves;

public enum MoveState
{
    Waiting,
    Running,
    Done,
    Failed,
    Cancelled,
}

public enum SourceTls
{
    /// <summary>TLS from the start (993).</summary>
    Implicit,
    StartTls,
    None,
}

public enum MoveFolderState
{
    Waiting,
    Copying,
    Checking,
    Done,
    Failed,
}

public enum MoveDifferenceKind
{
    Skipped,
    Missing,
    Content,
    Count,
    Folder,
    Keywords,
}

/// <param name="Present">Messages of the source that are here, from this move or an earlier one.</param>
/// <param name="Copied">Messages that this move brought.</param>
/// <param name="Checked">Of these, read back and compared.</param>
/// <param name="QuotaLacks">After a dry run: bytes that do not fit into the account's storage.</param>
public sealed record MoveView(
    long Id, long TenantId, long AccountId, string Address, Guid? Batch, string Host, int Port, SourceTls Tls, string UserName, string? MasterUser,
    bool DryRun, bool FollowFlags, bool FollowExpunges, bool ExceedQuota, MoveState State, bool Cancelling, string? Error, int Folders, int FoldersDone,
    long Messages, long Bytes, long Present, long Copied, long CopiedBytes, long Skipped, long Checked, int Differences, long QuotaLacks,
    DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, DateTimeOffset? NextAttemptAt);

public sealed record MoveFolderView(
    string Source, string? Target, MoveFolderState State, int Messages, long Bytes, int Present, int Copied, long CopiedBytes, int Skipped,
    int FlagsChanged, int Expunged, int Checked, string? Error);

public sealed record MoveDetail(MoveView Move, IReadOnlyList<MoveFolderView> Folders);

/// <param name="Uid">At the source; 0 where it is about a folder.</param>
public sealed record MoveDifferenceView(long Id, string Folder, MoveDifferenceKind Kind, long Uid, string? MessageId, string Text);

/// <summary>Where accounts come from, and how.</summary>
/// <param name="AnyCertificate">Takes a certificate that nobody vouches for.</param>
/// <param name="MasterUser">Signs in, with its password, in the name of each user.</param>
/// <param name="FollowFlags">On a further run: flags that changed there change here.</param>
/// <param name="FollowExpunges">On a further run: what was deleted there is deleted here.</param>
/// <param name="ExceedQuota">Null: as the setting moves.exceedQuota says.</param>
/// <param name="MessagesPerSecond">0: as fast as the platform allows.</param>
/// <param name="BytesPerSecond">0: as fast as the platform allows.</param>
public sealed record MoveSourceBody(
    string Host, int Port = 993, SourceTls Tls = SourceTls.Implicit, bool AnyCertificate = false, string? MasterUser = null, bool FollowFlags = true,
    bool FollowExpunges = false, bool? ExceedQuota = null, int MessagesPerSecond = 0, long BytesPerSecond = 0);

/// <param name="Password">The user's own, or the master user's.</param>
/// <param name="Target">Address of an account that is here.</param>
public sealed record MoveItemBody(string UserName, string Password, string Target);

/// <param name="DryRun">Signs in, counts and compares with the quota; stores nothing.</param>
public sealed record CreateMove(MoveSourceBody Source, MoveItemBody Item, bool DryRun = false);

/// <param name="Items">At most 500; further ones with the batch of the first answer.</param>
public sealed record CreateMoves(MoveSourceBody Source, IReadOnlyList<MoveItemBody> Items, bool DryRun = false, Guid? Batch = null);

/// <param name="Index">Which of the items.</param>
/// <param name="Error">Null where the move was ordered.</param>
public sealed record MoveOrder(int Index, long? Id, string? Error);

public sealed record MovesCreated(Guid Batch, IReadOnlyList<MoveOrder> Items);

/// <param name="Password">Needed again: it is not kept after a move.</param>
public sealed record RetryMove(string Password, bool DryRun = false);

public sealed record MoveQuery(long? TenantId = null, long? AccountId = null, Guid? Batch = null, MoveState? State = null);
