using SaaS.Domain.Common;

namespace SaaS.Domain.Messages;

/// <summary>A query that a <see cref="MessageList"/> answers: one mailbox by date, with conditions on system flags at most.</summary>
internal readonly record struct EmailListView(MailboxId Mailbox, MessageList.View View)
{
    /// <summary>Null where the query needs more than the list knows.</summary>
    public static EmailListView? Of(EmailQuery query)
    {
        var ascending = false;
        if (query.Sort.Count > 0)
        {
            if (query.Sort is not [{ Property: EmailSortProperty.ReceivedAt } by])
            {
                return null;
            }

            ascending = by.Ascending;
        }

        MailboxId? mailbox = null;
        int mask = 0, wanted = 0;
        foreach (var condition in query.Filter is EmailQueryFilter.And and ? and.All : query.Filter is { } one ? [one] : [])
        {
            switch (condition)
            {
                case EmailQueryFilter.InMailbox box when mailbox is null:
                    mailbox = box.Mailbox;
                    break;
                case EmailQueryFilter.HasKeyword has when EmailQueryKeywords.FlagOf(has.Keyword) is not MessageFlags.None and var flag
                    && (mask & (int)flag) == 0:
                    mask |= (int)flag;
                    wanted |= (int)flag;
                    break;
                case EmailQueryFilter.Not { None: [EmailQueryFilter.HasKeyword not] }
                    when EmailQueryKeywords.FlagOf(not.Keyword) is not MessageFlags.None and var flag && (mask & (int)flag) == 0:
                    mask |= (int)flag;
                    break;
                default:
                    return null;
            }
        }

        return mailbox is { } found ? new EmailListView(found, new MessageList.View(mask, wanted, ascending, query.CollapseThreads)) : null;
    }
}
