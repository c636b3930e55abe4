using SaaS.Domain.Common;
using SaaS.Domain.Messages.Search;

namespace SaaS.Domain.Messages;

/// <summary>A question for emails (RFC 8621 §4.4).</summary>
public sealed record EmailQuery
{
    public EmailQueryFilter? Filter { get; init; }
    /// <summary>Empty: newest first.</summary>
    public IReadOnlyList<EmailSort> Sort { get; init; } = [];
    public bool CollapseThreads { get; init; }
    /// <summary>Negative: from the end.</summary>
    public int Position { get; init; }
    public MessageId? Anchor { get; init; }
    public int AnchorOffset { get; init; }
    public required int Limit { get; init; }
    public bool CalculateTotal { get; init; }
}

/// <summary>Answer of <see cref="EmailQuery"/>. Total is null when it was not asked for.</summary>
public sealed record EmailQueryResult(IReadOnlyList<MessageId> Ids, int Position, int? Total, ModSeq State);

public enum EmailSortProperty
{
    ReceivedAt,
    Size,
    From,
    To,
    Subject,
    SentAt,
    HasKeyword,
    AllInThreadHaveKeyword,
    SomeInThreadHaveKeyword,
}

public sealed record EmailSort(EmailSortProperty Property, bool Ascending, string? Keyword = null);

/// <summary>Which emails.</summary>
public abstract record EmailQueryFilter
{
    private EmailQueryFilter() { }

    public sealed record And(IReadOnlyList<EmailQueryFilter> All) : EmailQueryFilter;

    public sealed record Or(IReadOnlyList<EmailQueryFilter> Any) : EmailQueryFilter;

    /// <summary>None of these.</summary>
    public sealed record Not(IReadOnlyList<EmailQueryFilter> None) : EmailQueryFilter;

    public sealed record InMailbox(MailboxId Mailbox) : EmailQueryFilter;

    public sealed record InMailboxOtherThan(IReadOnlyList<MailboxId> Mailboxes) : EmailQueryFilter;

    public sealed record Before(DateTimeOffset At) : EmailQueryFilter;

    public sealed record After(DateTimeOffset At) : EmailQueryFilter;

    public sealed record MinSize(long Octets) : EmailQueryFilter;

    public sealed record MaxSize(long Octets) : EmailQueryFilter;

    public sealed record HasKeyword(string Keyword) : EmailQueryFilter;

    public sealed record AllInThreadHaveKeyword(string Keyword) : EmailQueryFilter;

    public sealed record SomeInThreadHaveKeyword(string Keyword) : EmailQueryFilter;

    public sealed record HasAttachment(bool Value) : EmailQueryFilter;

    public sealed record Text(SearchField Field, string Words) : EmailQueryFilter;

    public sealed record Header(string Name, string? Value) : EmailQueryFilter;

    /// <summary>Every word condition in the tree that an email must or may match, for snippets.</summary>
    public IEnumerable<Text> Texts() => this switch
    {
        Text text => [text],
        And and => and.All.SelectMany(f => f.Texts()),
        Or or => or.Any.SelectMany(f => f.Texts()),
        _ => [],
    };

    internal bool Needs(Func<EmailQueryFilter, bool> predicate) => predicate(this) || this switch
    {
        And and => and.All.Any(f => f.Needs(predicate)),
        Or or => or.Any.Any(f => f.Needs(predicate)),
        Not not => not.None.Any(f => f.Needs(predicate)),
        _ => false,
    };
}
