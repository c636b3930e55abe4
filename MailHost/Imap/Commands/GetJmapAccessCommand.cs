namespace SaaS.MailHost.Imap.Commands;

/// <summary>GETJMAPACCESS: where the same account is to be had by JMAP.</summary>
/// <remarks>RFC 9698 §3 and §4: offered to those whose sign-in counts there too, which is who came with a token.</remarks>
internal sealed class GetJmapAccessCommand : BareImapCommand
{
    public override CommandInfo Info { get; } = new("GETJMAPACCESS") { States = ImapStates.SignedIn };

    protected override ValueTask<ImapResult> RunAsync(ImapSession s, CancellationToken ct)
    {
        if (s.JmapUrl is not { } url)
        {
            return ValueTask.FromResult(ImapResult.No("Not for this sign-in.", "CANNOT"));
        }

        s.Out.Raw("* JMAPACCESS "u8).String(url).Line();
        return ValueTask.FromResult(ImapResult.Ok);
    }
}
