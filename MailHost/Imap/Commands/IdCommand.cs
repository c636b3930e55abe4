using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>ID: who we are. What the client says of itself is read and dropped.</summary>
/// <remarks>RFC 2971 §3.1: at most 30 fields. Our version is nobody's business.</remarks>
internal sealed class IdCommand : ImapCommand<IdCommand.Args>
{
    internal sealed record Args;

    public override CommandInfo Info { get; } = new("ID") { States = ImapStates.Any, Capabilities = ["ID"] };

    // id = "ID" SP id-params-list;  id-params-list = "(" #(string SPACE nstring) ")" / nil
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        if (r.TryKeyword("NIL"u8))
        {
            return new Args();
        }

        r.Open();
        for (var n = 0; !r.TryClose(); n++)
        {
            if (n > 0)
            {
                r.Space();
            }

            if (n == 60)
            {
                ImapReader.Fail("Too many fields.");
            }

            r.NString();
        }

        return new Args();
    }

    protected override ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        s.Out.Raw("* ID (\"name\" \"imapd\")\r\n"u8);
        return ValueTask.FromResult(ImapResult.Ok);
    }
}
