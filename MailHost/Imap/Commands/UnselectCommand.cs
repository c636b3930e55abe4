namespace SaaS.MailHost.Imap.Commands;

/// <summary>UNSELECT: closes the mailbox and removes nothing.</summary>
/// <remarks>RFC 9051 §6.4.2.</remarks>
internal sealed class UnselectCommand : BareImapCommand
{
    public override CommandInfo Info { get; } = new("UNSELECT") { States = ImapStates.Selected, Capabilities = ["UNSELECT"] };

    protected override ValueTask<ImapResult> RunAsync(ImapSession s, CancellationToken ct)
    {
        s.Unselect();
        return ValueTask.FromResult(ImapResult.Ok);
    }
}
