using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>SETQUOTA: refused. Quotas are the administrator's, and so QUOTASET is not advertised.</summary>
/// <remarks>RFC 9208 §4.1.3.</remarks>
internal sealed class SetQuotaCommand : ImapCommand<SetQuotaCommand.Args>
{
    private const int MaxResources = 20;

    internal sealed record Args(string Root);

    public override CommandInfo Info { get; } = new("SETQUOTA") { States = ImapStates.SignedIn };

    // setquota = "SETQUOTA" SP quota-root-name SP setquota-list;  setquota-list = "(" [setquota-resource *(SP setquota-resource)] ")"
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        var root = r.AString();
        r.Space();
        r.Open();
        for (var n = 0; !r.TryClose(); n++)
        {
            if (n > 0)
            {
                r.Space();
            }

            r.Atom();
            r.Space();
            r.Number64();
            if (n == MaxResources)
            {
                ImapReader.Fail("Too many resources.");
            }
        }

        return new Args(root);
    }

    protected override ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct) => ValueTask.FromResult(
        a.Root == GetQuotaCommand.Root
            ? ImapResult.No("Quotas are set by the administrator.", "NOPERM")
            : ImapResult.No("No such quota root.", "NONEXISTENT"));
}
