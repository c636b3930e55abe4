namespace SaaS.MailHost.Imap.Commands;

/// <summary>LOGOUT: BYE, the tagged line, the end.</summary>
/// <remarks>RFC 9051 §6.1.3.</remarks>
internal sealed class LogoutCommand : BareImapCommand
{
    public override CommandInfo Info { get; } = new("LOGOUT") { States = ImapStates.Any };

    protected override ValueTask<ImapResult> RunAsync(ImapSession s, CancellationToken ct)
    {
        s.Out.Raw("* BYE Logging out.\r\n"u8);
        return ValueTask.FromResult(ImapResult.Ok with { After = ImapAfter.Close });
    }
}
