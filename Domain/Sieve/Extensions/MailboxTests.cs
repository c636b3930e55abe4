using SaaS.Domain.Mailboxes;
using SaaS.Domain.Sieve.Syntax;

namespace SaaS.Domain.Sieve.Extensions;

/// <summary>mailboxexists, mailboxidexists and specialuse_exists.</summary>
/// <remarks>RFC 5490 §3.1, RFC 9042 §4, RFC 8579 §3.</remarks>
internal static class MailboxTests
{
    public static SieveCondition Exists(SieveCompiler compiler, SyntaxTest test)
    {
        var arguments = new SieveArguments(compiler, test);
        var names = arguments.Texts("the list of mailboxes");
        arguments.End();
        return m => Array.TrueForAll(names, n => Find(m, n.Get(m)) is not null);
    }

    public static SieveCondition IdExists(SieveCompiler compiler, SyntaxTest test)
    {
        var arguments = new SieveArguments(compiler, test);
        var ids = arguments.Texts("the list of mailbox ids");
        arguments.End();
        return m => Array.TrueForAll(ids, i => i.Get(m) is var id && m.Context.Mailboxes.Any(b => HasId(b, id)));
    }

    public static SieveCondition SpecialUseExists(SieveCompiler compiler, SyntaxTest test)
    {
        var arguments = new SieveArguments(compiler, test);
        var mailbox = arguments.Left > 1 ? arguments.Text("the mailbox") : null;
        var uses = arguments.Texts("the list of special uses");
        arguments.End();
        return m =>
        {
            if (mailbox is not null && Find(m, mailbox.Get(m)) is null)
            {
                return false;
            }

            var only = mailbox is null ? null : Find(m, mailbox.Get(m));
            return Array.TrueForAll(uses, u => Use(u.Get(m)) is { } use && m.Context.Mailboxes.Any(b => b.Use == use && (only is null || b.Id == only.Id)));
        };
    }

    public static SieveMailbox? Find(SieveMachine machine, string name) =>
        MailboxName.Normalize(name) is { Ok: true, Value: { } normal } ? machine.Context.Mailboxes.FirstOrDefault(b => b.Name == normal) : null;

    /// <summary>IMAP's OBJECTID shows an id as F12, JMAP as B12.</summary>
    public static bool HasId(SieveMailbox mailbox, string id) => id.Length > 1 && id[0] is 'F' or 'B' && id[1..] == mailbox.Id.ToString();

    public static SpecialUse? Use(string name) => name.ToLowerInvariant() switch
    {
        "\\drafts" => SpecialUse.Drafts,
        "\\sent" => SpecialUse.Sent,
        "\\trash" => SpecialUse.Trash,
        "\\junk" => SpecialUse.Junk,
        "\\archive" => SpecialUse.Archive,
        "\\important" => SpecialUse.Important,
        "\\all" => SpecialUse.All,
        "\\flagged" => SpecialUse.Flagged,
        _ => null,
    };
}
