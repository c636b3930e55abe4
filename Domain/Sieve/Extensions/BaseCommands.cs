using SaaS.Domain.Mailboxes;
using SaaS.Domain.Sieve.Syntax;

namespace SaaS.Domain.Sieve.Extensions;

/// <summary>stop, keep, discard and fileinto.</summary>
/// <remarks>RFC 5228 §3.3, §4; :copy RFC 3894; :flags RFC 5232 §5; :create RFC 5490 §3.2; :mailboxid RFC 9042; :specialuse RFC 8579 §4.</remarks>
internal static class BaseCommands
{
    public static readonly TagSpec Flags = new("flags", TagValue.Texts, "imap4flags");
    public static readonly TagSpec Copy = new("copy", TagValue.None, "copy");
    public static readonly TagSpec Create = new("create", TagValue.None, "mailbox");
    public static readonly TagSpec MailboxId = new("mailboxid", TagValue.Text, "mailboxid");
    public static readonly TagSpec SpecialUse = new("specialuse", TagValue.Text, "special-use");

    public static SieveStep Stop(SieveCompiler compiler, SyntaxCommand command)
    {
        new SieveArguments(compiler, command).End();
        return static m => m.Stopped = true;
    }

    public static SieveStep Keep(SieveCompiler compiler, SyntaxCommand command)
    {
        var arguments = new SieveArguments(compiler, command, Flags);
        var flags = arguments.TagTexts("flags");
        arguments.End();
        return m =>
        {
            m.Add(new SieveAction.Store(new SieveTarget(null), ImapFlags.Read(m, flags), m.Content));
            m.ImplicitKeep = false;
        };
    }

    public static SieveStep Discard(SieveCompiler compiler, SyntaxCommand command)
    {
        new SieveArguments(compiler, command).End();
        return static m => m.ImplicitKeep = false;
    }

    public static SieveStep FileInto(SieveCompiler compiler, SyntaxCommand command)
    {
        var arguments = new SieveArguments(compiler, command, Flags, Copy, Create, MailboxId, SpecialUse);
        var flags = arguments.TagTexts("flags");
        var copy = arguments.Has("copy");
        var target = Target(arguments, arguments.Text("the mailbox"));
        arguments.End();
        return m =>
        {
            m.Add(new SieveAction.Store(target(m), ImapFlags.Read(m, flags), m.Content));
            m.ImplicitKeep &= copy;
        };
    }

    /// <summary>What fileinto and :fcc name: by id or special use where that exists, else by name.</summary>
    public static Func<SieveMachine, SieveTarget> Target(SieveArguments arguments, SieveText name)
    {
        arguments.OneOf("mailboxid", "specialuse");
        var create = arguments.Has("create");
        var id = arguments.TagText("mailboxid");
        var use = arguments.TagText("specialuse");
        if (use?.Constant is { } constant && MailboxTests.Use(constant) is null)
        {
            throw arguments.Wrong(use.Line, $"unknown special use \"{constant}\"");
        }

        if (name.Constant is { } fixedName && MailboxName.Normalize(fixedName).Refusal is { } refusal)
        {
            throw arguments.Wrong(name.Line, $"not a mailbox name: {refusal.Text}");
        }

        return m =>
        {
            var text = name.Get(m);
            if (MailboxName.Normalize(text) is not { Ok: true, Value: { } normal })
            {
                throw new SieveRunException($"\"{(text.Length > 100 ? text[..100] : text)}\" is not a mailbox name");
            }

            var wanted = id?.Get(m);
            var byId = wanted is null ? null : m.Context.Mailboxes.FirstOrDefault(b => MailboxTests.HasId(b, wanted));
            var byUse = use is null ? Mailboxes.SpecialUse.None : MailboxTests.Use(use.Get(m)) ?? Mailboxes.SpecialUse.None;
            if (byUse != Mailboxes.SpecialUse.None && !m.Context.Mailboxes.Any(b => b.Use == byUse))
            {
                byUse = Mailboxes.SpecialUse.None;
            }

            var inbox = normal == MailboxName.Inbox && byId is null && byUse == Mailboxes.SpecialUse.None;
            return new SieveTarget(inbox ? null : normal, byId?.Id, byUse, create);
        };
    }
}
