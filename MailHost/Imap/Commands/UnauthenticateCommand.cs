namespace SaaS.MailHost.Imap.Commands;

/// <summary>UNAUTHENTICATE: back to before the sign-in, on the same connection; what was enabled is off again.</summary>
/// <remarks>RFC 8437 §2.</remarks>
internal sealed class UnauthenticateCommand : BareImapCommand
{
    public override CommandInfo Info { get; } = new("UNAUTHENTICATE") { States = ImapStates.SignedIn, Capabilities = ["UNAUTHENTICATE"] };

    protected override ValueTask<ImapResult> RunAsync(ImapSession s, CancellationToken ct)
    {
        s.SignOut();
        return ValueTask.FromResult(ImapResult.Ok);
    }
}
