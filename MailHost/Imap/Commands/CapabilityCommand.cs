namespace SaaS.MailHost.Imap.Commands;

/// <summary>CAPABILITY: what the table offers.</summary>
/// <remarks>RFC 9051 §6.1.1.</remarks>
internal sealed class CapabilityCommand : BareImapCommand
{
    public override CommandInfo Info { get; } = new("CAPABILITY") { States = ImapStates.Any };

    protected override ValueTask<ImapResult> RunAsync(ImapSession s, CancellationToken ct)
    {
        s.Out.Raw("* CAPABILITY "u8).Raw(s.Server.Commands.Capabilities(s)).Line();
        return ValueTask.FromResult(ImapResult.Ok);
    }
}
