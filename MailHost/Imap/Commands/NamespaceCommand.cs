namespace SaaS.MailHost.Imap.Commands;

/// <summary>NAMESPACE: one personal, and one with all that others share.</summary>
/// <remarks>RFC 9051 §6.3.10.</remarks>
internal sealed class NamespaceCommand : BareImapCommand
{
    public override CommandInfo Info { get; } = new("NAMESPACE") { States = ImapStates.SignedIn, Capabilities = ["NAMESPACE"] };

    protected override ValueTask<ImapResult> RunAsync(ImapSession s, CancellationToken ct)
    {
        s.Out.Raw("* NAMESPACE ((\"\" \"/\")) NIL ((\"Shared/\" \"/\"))\r\n"u8);
        return ValueTask.FromResult(ImapResult.Ok);
    }
}
