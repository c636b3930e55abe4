using System.Text;
using SaaS.Domain.Common;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Sharing;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>SETMETADATA: sets annotations, NIL removes them; all or none.</summary>
/// <remarks>RFC 5464 §4.3.</remarks>
internal sealed class SetMetadataCommand(AnnotationStore annotations) : ImapCommand<SetMetadataCommand.Args>
{
    private const int MaxEntries = 100;

    internal sealed record Args(string Name, IReadOnlyList<(string Entry, byte[]? Value)> Values);

    public override CommandInfo Info { get; } = new("SETMETADATA") { States = ImapStates.SignedIn };

    // setmetadata = "SETMETADATA" SP mailbox SP "(" entry SP value *(SP entry SP value) ")";  value = nstring / literal8
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        var name = s.MailboxName(r.AString());
        r.Space();
        r.Open();
        var values = new List<(string, byte[]?)>();
        do
        {
            var entry = GetMetadataCommand.ParseEntry(ref r);
            r.Space();
            values.Add((entry, r.TryKeyword("NIL"u8) ? null : Value(ref r)));
            if (values.Count > MaxEntries)
            {
                ImapReader.Fail("Too many entries.");
            }
        }
        while (r.TrySpace());
        r.Close();
        return new Args(name, values);
    }

    // MailKit writes a short value as an atom.
    private static byte[] Value(ref ImapReader r) => r.IsString() ? r.StringOctets() : Encoding.ASCII.GetBytes(r.AString());

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        var (account, id) = (s.Account, default(MailboxId));
        if (a.Name.Length > 0)
        {
            if (await s.FindAsync(a.Name, ct) is not { } place)
            {
                return ImapResult.NoMailbox;
            }

            if (!GetMetadataCommand.MayRead(place) || !place.Rights.Has(MailboxRights.Write))
            {
                return ImapResult.NoPermission;
            }

            if (place.Shared is not null && a.Values.Any(v => !v.Entry.StartsWith("/shared", StringComparison.Ordinal)))
            {
                return ImapResult.No("Private annotations are for one's own mailboxes.", "METADATA NOPRIVATE");
            }

            (account, id) = (place.Account, place.Mailbox.Id);
        }

        return await annotations.SetAsync(account, id, a.Values, ct) switch
        {
            null => ImapResult.Ok,
            { Reason: RefusalReason.TooLarge } => ImapResult.No("The value is too large.", $"METADATA MAXSIZE {AnnotationStore.MaxValue}"),
            { Reason: RefusalReason.LimitReached } => ImapResult.No("Too many annotations.", "METADATA TOOMANY"),
            { } refusal => ImapResult.No(refusal),
        };
    }
}
