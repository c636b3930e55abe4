using SaaS.Domain.Mailboxes;
using SaaS.Domain.Sieve.Matching;
using SaaS.Domain.Sieve.Syntax;

namespace SaaS.Domain.Sieve.Extensions;

/// <summary>metadata, metadataexists, servermetadata and servermetadataexists.</summary>
/// <remarks>RFC 5490 §3.3-§3.5, §4: what IMAP's METADATA sets, of the mailboxes and of the account.</remarks>
internal static class MetadataTests
{
    public static SieveCondition OfMailbox(SieveCompiler compiler, SyntaxTest test) => Value(compiler, test, ofMailbox: true);

    public static SieveCondition OfServer(SieveCompiler compiler, SyntaxTest test) => Value(compiler, test, ofMailbox: false);

    public static SieveCondition ExistsInMailbox(SieveCompiler compiler, SyntaxTest test) => Exists(compiler, test, ofMailbox: true);

    public static SieveCondition ExistsOnServer(SieveCompiler compiler, SyntaxTest test) => Exists(compiler, test, ofMailbox: false);

    private static SieveCondition Value(SieveCompiler compiler, SyntaxTest test, bool ofMailbox)
    {
        var arguments = new SieveArguments(compiler, test, Match.Tags);
        var match = Match.Read(compiler, arguments);
        var mailbox = ofMailbox ? arguments.Text("the mailbox") : null;
        var entry = arguments.Text("the annotation");
        var keys = match.Check(arguments, arguments.Texts("the list of keys"));
        arguments.End();
        return m => Ask(m, mailbox, entry) is { } value && match.Any(m, [value], keys);
    }

    private static SieveCondition Exists(SieveCompiler compiler, SyntaxTest test, bool ofMailbox)
    {
        var arguments = new SieveArguments(compiler, test);
        var mailbox = ofMailbox ? arguments.Text("the mailbox") : null;
        var entries = arguments.Texts("the list of annotations");
        arguments.End();
        return m => Array.TrueForAll(entries, e => Ask(m, mailbox, e) is not null);
    }

    private static string? Ask(SieveMachine machine, SieveText? mailbox, SieveText entry)
    {
        var name = entry.Get(machine).ToLowerInvariant();
        if (!AnnotationStore.IsEntry(name))
        {
            return null;
        }

        if (mailbox is null)
        {
            return machine.Fact(new SieveFact.Metadata(null, name));
        }

        return MailboxTests.Find(machine, mailbox.Get(machine)) is { } box ? machine.Fact(new SieveFact.Metadata(box.Id, name)) : null;
    }
}
