using SaaS.Domain.Messages;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>UIDBATCHES: UID ranges that cut the mailbox into batches of so many messages, the newest first.</summary>
/// <remarks>RFC 10022 §3. The last batch reaches down to UID 1.</remarks>
internal sealed class UidBatchesCommand(MailboxIndexCache indexes) : ImapCommand<UidBatchesCommand.Args>
{
    /// <summary>Smaller batches are asked for in no good faith (RFC 10022 §3.1.4).</summary>
    private const uint MinSize = 500;
    private const uint MaxBatches = 100_000;

    internal sealed record Args(uint Size, uint First, uint Last);

    public override CommandInfo Info { get; } = new("UIDBATCHES") { States = ImapStates.Selected, Capabilities = ["UIDBATCHES"] };

    // uidbatches = "UIDBATCHES" SP nz-number [SP nz-number ":" nz-number]
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        var size = r.NzNumber();
        uint first = 1, last = MaxBatches;
        if (r.TrySpace())
        {
            first = r.NzNumber();
            r.Expect((byte)':');
            last = r.NzNumber();
            if (first > last)
            {
                throw new ImapSyntaxException("Ranges of batches ascend.", "CLIENTBUG");
            }
        }

        return new Args(size, first, last);
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        if (a.Size < MinSize)
        {
            return ImapResult.No($"A batch has at least {MinSize} messages.", "TOOFEW");
        }

        if (a.Last - a.First >= MaxBatches)
        {
            return ImapResult.No($"At most {MaxBatches} batches at once.", "TOOMANY");
        }

        var index = await indexes.GetAsync(s.Mailbox.Account, s.Mailbox.Id, ct);
        var uids = index.Blocks.SelectMany(b => b.Uids.Take(b.Count)).Where(u => u < s.Mailbox.View.UidNext).ToList();
        s.Out.Raw("* UIDBATCHES (TAG \""u8).Raw(s.Tag).Raw("\")"u8);
        var first = true;
        for (var (batch, end) = (1u, uids.Count); end > 0 && batch <= a.Last; batch++)
        {
            var start = Math.Max(0, end - (int)Math.Min(a.Size, int.MaxValue));
            if (batch >= a.First)
            {
                // A batch ends where the one before begins, so that the ranges leave nothing out.
                var high = end == uids.Count ? uids[end - 1] : uids[end] - 1;
                s.Out.Byte((byte)(first ? ' ' : ',')).Number(high).Byte((byte)':').Number(start == 0 ? 1 : uids[start]);
                first = false;
            }

            end = start;
        }

        s.Out.Line();
        return ImapResult.Ok;
    }
}
