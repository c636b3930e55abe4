namespace SaaS.MailHost.Imap.Commands;

/// <summary>NOOP: does nothing; the session tells what is new before it answers.</summary>
/// <remarks>RFC 9051 §6.1.2.</remarks>
internal sealed class NoopCommand : BareImapCommand
{
    public override CommandInfo Info { get; } = new("NOOP") { States = ImapStates.Any, Polls = true };

    protected override ValueTask<ImapResult> RunAsync(ImapSession s, CancellationToken ct) => ValueTask.FromResult(ImapResult.Ok);
}
