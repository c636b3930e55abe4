using SaaS.Domain.Common;

namespace SaaS.Domain.Messages.Search;

public enum SearchField
{
    /// <summary>Subject, addresses, attachment names and text.</summary>
    Anywhere,
    From,
    To,
    Cc,
    Bcc,
    Subject,
    Body,
}

/// <summary>Finds messages by their words. PostgreSQL full text by default.</summary>
public interface ISearchIndex
{
    /// <summary>Indexes what is not indexed yet, for at most the given time; called before each search, so that answers are right.
    /// True when nothing is left.</summary>
    Task<bool> CatchUpAsync(AccountId account, TimeSpan atMost, CancellationToken ct);

    /// <summary>A condition on <c>m.content_id</c> of the account <c>$1</c>, with its values in <paramref name="parameters"/>.</summary>
    string Condition(SearchField field, string words, SqlParameters parameters);

    /// <summary>The texts that were indexed.</summary>
    Task<IReadOnlyDictionary<ContentId, string>> TextsAsync(AccountId account, IReadOnlyCollection<ContentId> contents, CancellationToken ct);
}
