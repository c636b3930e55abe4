using SaaS.Domain.Mailboxes;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>CREATE: makes a mailbox, and missing parents.</summary>
/// <remarks>RFC 9051 §6.3.4; USE parameter RFC 6154 §3; MAILBOXID RFC 8474 §4.1.</remarks>
internal sealed class CreateCommand(MailboxService mailboxes) : ImapCommand<CreateCommand.Args>
{
    internal sealed record Args(string Name, SpecialUse Use);

    public override CommandInfo Info { get; } = new("CREATE") { States = ImapStates.SignedIn, Capabilities = ["CREATE-SPECIAL-USE"] };

    // create = "CREATE" SP mailbox [create-params];  create-param = "USE" SP "(" [use-attr *(SP use-attr)] ")"
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        var name = s.MailboxName(r.AString());
        var use = SpecialUse.None;
        if (r.TrySpace())
        {
            r.Open();
            if (!r.TryKeyword("USE"u8))
            {
                ImapReader.Fail("Unknown parameter.");
            }

            r.Space();
            r.Open();
            while (!r.TryClose())
            {
                r.TrySpace();
                r.Expect((byte)'\\');
                var attribute = "\\" + r.AtomText();
                if (use != SpecialUse.None || ListResponse.Find(attribute) is not { } known)
                {
                    throw new ImapSyntaxException("This special use cannot be given.", "USEATTR") { IsRefusal = true };
                }

                use = known;
            }

            r.Close();
        }

        return new Args(name, use);
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        var (account, name, forbidden) = await s.FindRoomAsync(a.Name, ct);
        if (forbidden is { } no)
        {
            return no;
        }

        if (a.Use != SpecialUse.None && account != s.Account)
        {
            // What an account's mailboxes are for is its owner's to say.
            return ImapResult.No("This special use cannot be given here.", "USEATTR");
        }

        var made = await mailboxes.CreateAsync(account, name, a.Use, subscribe: false, ct);
        if (made.Ok)
        {
            return ImapResult.OkWith($"MAILBOXID (F{made.Value.Id})", "CREATE completed.");
        }

        return made.Refusal.Field == "use" ? ImapResult.No(made.Refusal.Text, "USEATTR") : ImapResult.No(made.Refusal);
    }
}
