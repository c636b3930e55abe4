namespace SaaS.MailHost.Imap.Commands;

/// <summary>NAMESPACE: one personal, nothing shared yet.</summary>
/// <remarks>RFC 9051 §6.3.10.</remarks>
internal sealed class NamespaceCommand : BareImapCommand
{
    public override CommandInfo Info { get; } = new("NAMESPACE") { States = ImapStates.SignedIn, Capabilities = ["NAMESPACE"] };

    protected override ValueTask<ImapResult> RunAsync(ImapSession s, CancellationToken ct)
    {
        s.Out.Raw("* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n"u8);
        return ValueTask.FromResult(ImapResult.Ok);
    }
}
