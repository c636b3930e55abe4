using SaaS.MailHost.Imap.Commands.Fetch;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

[Flags]
internal enum NotifyEvents
{
    None = 0,
    MessageNew = 1,
    MessageExpunge = 2,
    FlagChange = 4,
    MailboxName = 8,
    SubscriptionChange = 16,
    MailboxMetadataChange = 32,
    ServerMetadataChange = 64,
    Messages = MessageNew | MessageExpunge | FlagChange,
}

/// <summary>One group of NOTIFY SET.</summary>
/// <param name="Fetch">What of new messages in the selected mailbox is sent along.</param>
internal sealed record NotifyGroup(MailboxFilter Filter, NotifyEvents Events, IReadOnlyList<FetchItem> Fetch);

/// <summary>NOTIFY: tells of what happens in any mailbox as it happens, without IDLE.</summary>
/// <remarks>
/// RFC 5465. What NOOP and other commands tell of the selected mailbox they go on telling, whatever was asked for. AnnotationChange is
/// answered with BADEVENT: there are no annotations of messages here.
/// </remarks>
internal sealed class NotifyCommand : ImapCommand<NotifyCommand.Args>
{
    private const int MaxGroups = 50;
    private const string Known = "BADEVENT (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange MailboxMetadataChange ServerMetadataChange)";

    /// <param name="Groups">Null: NONE.</param>
    internal sealed record Args(IReadOnlyList<NotifyGroup>? Groups, bool Status);

    public override CommandInfo Info { get; } = new("NOTIFY") { States = ImapStates.SignedIn, Capabilities = ["NOTIFY"] };

    // notify = "NOTIFY" SP ("SET" [SP "STATUS"] 1*(SP event-group) / "NONE")
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        if (r.TryKeyword("NONE"u8))
        {
            return new Args(null, false);
        }

        if (!r.TryKeyword("SET"u8))
        {
            ImapReader.Fail("Expected SET or NONE.");
        }

        r.Space();
        var status = r.TryKeyword("STATUS"u8);
        if (status)
        {
            r.Space();
        }

        var groups = new List<NotifyGroup>();
        do
        {
            r.Open();
            groups.Add(ParseGroup(ref r, s));
            r.Close();
            if (groups.Count > MaxGroups)
            {
                throw new ImapSyntaxException("Too many groups.", "NOTIFICATIONOVERFLOW") { IsRefusal = true };
            }
        }
        while (r.TrySpace());

        if (groups.Count(g => g.Filter.IsSelected) > 1)
        {
            ImapReader.Fail("SELECTED can be given once.");
        }

        return new Args(groups, status);
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        await s.SetNotifyAsync(a.Groups, a.Status, ct);
        return ImapResult.Ok;
    }

    // event-group = filter-mailboxes SP events;  events = ("(" event *(SP event) ")") / "NONE"
    private static NotifyGroup ParseGroup(ref ImapReader r, ImapSession s)
    {
        var filter = MailboxFilter.Parse(ref r, s);
        if (filter.Of == MailboxFilter.Scope.SubtreeOne)
        {
            ImapReader.Fail("Unknown mailbox filter.");
        }

        r.Space();
        var events = NotifyEvents.None;
        List<FetchItem> fetch = [];
        if (r.TryKeyword("NONE"u8))
        {
            return new NotifyGroup(filter, events, fetch);
        }

        r.Open();
        do
        {
            switch (r.Keyword())
            {
                case "MESSAGENEW":
                    events |= NotifyEvents.MessageNew;
                    var look = r;
                    if (look.TrySpace() && look.Next == '(')
                    {
                        r.TrySpace();
                        if (!filter.IsSelected)
                        {
                            ImapReader.Fail("Data items are for the selected mailbox only.");
                        }

                        fetch = FetchCommand.ParseItems(ref r);
                    }

                    break;
                case "MESSAGEEXPUNGE":
                    events |= NotifyEvents.MessageExpunge;
                    break;
                case "FLAGCHANGE":
                    events |= NotifyEvents.FlagChange;
                    break;
                case "MAILBOXNAME":
                    events |= NotifyEvents.MailboxName;
                    break;
                case "SUBSCRIPTIONCHANGE":
                    events |= NotifyEvents.SubscriptionChange;
                    break;
                case "MAILBOXMETADATACHANGE":
                    events |= NotifyEvents.MailboxMetadataChange;
                    break;
                case "SERVERMETADATACHANGE":
                    events |= NotifyEvents.ServerMetadataChange;
                    break;
                default:
                    throw new ImapSyntaxException("This event is not told.", Known) { IsRefusal = true };
            }
        }
        while (r.TrySpace());
        r.Close();

        // RFC 5465 §5: new and expunged go together, and flags need both.
        var messages = events & NotifyEvents.Messages;
        if (messages != 0 && (messages & (NotifyEvents.MessageNew | NotifyEvents.MessageExpunge)) != (NotifyEvents.MessageNew | NotifyEvents.MessageExpunge))
        {
            ImapReader.Fail("MessageNew and MessageExpunge go together.");
        }

        if (filter.IsSelected && (events & ~NotifyEvents.Messages) != 0)
        {
            ImapReader.Fail("Only message events are for the selected mailbox.");
        }

        return new NotifyGroup(filter, events, fetch);
    }
}
