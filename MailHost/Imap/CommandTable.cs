using System.Collections.Frozen;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;
using SaaS.Domain.Sharing;
using SaaS.MailHost.Imap.Commands;
using SaaS.MailHost.Imap.Commands.Fetch;
using SaaS.MailHost.Imap.Commands.Search;
using SaaS.MailHost.Imap.Commands.Sort;

namespace SaaS.MailHost.Imap;

/// <summary>Every command there is. What is advertised is computed from this list: a command that is here is offered, and no other.</summary>
internal sealed class CommandTable
{
    // Extensions that no single command brings; literals without waiting RFC 7888 §3.
    private static readonly string[] Base = ["IMAP4rev1", "IMAP4rev2", "LITERAL+"];

    private readonly FrozenDictionary<string, ImapCommand> _commands;
    private readonly string _common;

    public CommandTable(
        MailboxService mailboxes, MessageStore store, MailboxReader reader, MailboxIndexCache indexes, SearchEvaluator evaluator,
        AnnotationStore annotations, AccessControl access)
    {
        ImapCommand[] all =
        [
            new CapabilityCommand(),
            new NoopCommand(),
            new LogoutCommand(),
            new IdCommand(),
            new StartTlsCommand(),
            new AuthenticateCommand(),
            new LoginCommand(),
            new EnableCommand(),
            new SelectCommand(store, reader),
            new ExamineCommand(store, reader),
            new CreateCommand(mailboxes),
            new DeleteCommand(mailboxes),
            new RenameCommand(mailboxes),
            new SubscribeCommand(mailboxes),
            new UnsubscribeCommand(mailboxes),
            new ListCommand(annotations),
            new LsubCommand(),
            new NamespaceCommand(),
            new StatusCommand(reader),
            new AppendCommand(store),
            new IdleCommand(),
            new CheckCommand(),
            new CloseCommand(store),
            new UnselectCommand(),
            new ExpungeCommand(store, indexes),
            new SearchCommand(indexes, evaluator),
            new FetchCommand(reader, store, indexes),
            new StoreCommand(reader, store),
            new CopyCommand(store),
            new MoveCommand(store),
            new SortCommand(reader, indexes, evaluator),
            new ThreadCommand(reader, indexes, evaluator),
            new ESearchCommand(indexes, evaluator),
            new ReplaceCommand(store),
            new UidBatchesCommand(indexes),
            new NotifyCommand(),
            new GetQuotaCommand(mailboxes),
            new GetQuotaRootCommand(mailboxes),
            new GetMetadataCommand(annotations),
            new SetMetadataCommand(annotations),
            new SetAclCommand(access),
            new DeleteAclCommand(access),
            new GetAclCommand(access),
            new ListRightsCommand(),
            new MyRightsCommand(),
            new XListCommand(),
            new GetJmapAccessCommand(),
            new UnauthenticateCommand(),
        ];
        _commands = all.ToFrozenDictionary(c => c.Info.Name, StringComparer.OrdinalIgnoreCase);
        _common = string.Join(' ', Base.Concat(all.SelectMany(c => c.Info.Capabilities)).Distinct());
    }

    public IEnumerable<CommandInfo> All => _commands.Values.Select(c => c.Info);

    public ImapCommand? Find(string name) => _commands.GetValueOrDefault(name);

    /// <summary>What this connection may use now, in the form of CAPABILITY.</summary>
    public string Capabilities(ImapSession s)
    {
        var text = _common;
        if (s.User is null)
        {
            text += s.Connection.IsTls ? "" : " STARTTLS";
            text = s.Server.Sasl.Offered(s.Connection).Aggregate(text, (t, m) => t + " AUTH=" + m);
            text += s.Server.Sasl.MaySignIn(s.Connection) ? "" : " LOGINDISABLED";
        }

        else if (s.JmapUrl is not null)
        {
            text += " JMAPACCESS";
        }

        return text + " APPENDLIMIT=" + s.Server.Options.MaxMessage.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
