namespace SaaS.MailHost.Imap.Commands;

/// <summary>IDLE: news as they happen, until DONE. Waits on the connection's own read; the change feed wakes it.</summary>
/// <remarks>RFC 9051 §6.3.13.</remarks>
internal sealed class IdleCommand : BareImapCommand
{
    public override CommandInfo Info { get; } = new("IDLE") { States = ImapStates.SignedIn, Capabilities = ["IDLE"] };

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, CancellationToken ct)
    {
        s.Out.Raw("+ idling\r\n"u8);
        await TellAsync(s, ct);
        s.Selected?.Rest();
        var line = await s.ReadLineAsync(() => TellAsync(s, ct), ct);
        if (line is null)
        {
            return ImapResult.Ok with { After = ImapAfter.Close };
        }

        return line.Equals("DONE", StringComparison.OrdinalIgnoreCase) ? ImapResult.Ok : ImapResult.Bad("Expected DONE.");
    }

    private static async ValueTask TellAsync(ImapSession s, CancellationToken ct)
    {
        if (s.HasNotify)
        {
            await s.TellNotifiedAsync(ct);
        }

        if (s.Selected is { HasNews: true })
        {
            await s.TellNewsAsync(mayExpunge: true, ct);
        }

        await s.FlushAsync(ct);
    }
}
