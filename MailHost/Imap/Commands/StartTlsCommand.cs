namespace SaaS.MailHost.Imap.Commands;

/// <summary>STARTTLS: TLS right behind the tagged OK. Anything pipelined behind it ends the connection.</summary>
/// <remarks>RFC 9051 §6.2.1, §11.1.</remarks>
internal sealed class StartTlsCommand : BareImapCommand
{
    public override CommandInfo Info { get; } = new("STARTTLS") { States = ImapStates.NotAuthenticated };

    protected override ValueTask<ImapResult> RunAsync(ImapSession s, CancellationToken ct) =>
        ValueTask.FromResult(s.Connection.IsTls
            ? ImapResult.Bad("TLS is on already.")
            : new ImapResult(ImapStatus.Ok, "Begin TLS now.", After: ImapAfter.StartTls));
}
