namespace SaaS.MailHost.Imap.Commands;

/// <summary>CHECK: a NOOP here, since everything acknowledged is on disk already. Gone from IMAP4rev2, still sent by old clients.</summary>
/// <remarks>RFC 3501 §6.4.1.</remarks>
internal sealed class CheckCommand : BareImapCommand
{
    public override CommandInfo Info { get; } = new("CHECK") { States = ImapStates.Selected, Polls = true };

    protected override ValueTask<ImapResult> RunAsync(ImapSession s, CancellationToken ct) => ValueTask.FromResult(ImapResult.Ok);
}
