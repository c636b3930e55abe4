using NpgsqlTypes;
using SaaS.Domain.Common;

namespace SaaS.Domain.Messages;

/// <summary>The search index of one content; filled by the indexer within a second of delivery, and before any search answers.</summary>
public sealed class MessageSearch
{
    public AccountId AccountId { get; set; }
    public ContentId ContentId { get; set; }
    /// <summary>Subject, addresses, attachment names and text, weighted A to D.</summary>
    public required NpgsqlTsVector Vector { get; set; }
    /// <summary>The text that was indexed, at most 256 KB: for snippets and exact matches.</summary>
    public required string Text { get; set; }
    /// <summary>Folded, without reply and forward marks: the order by subject.</summary>
    public required string SubjectText { get; set; }
    /// <summary>Names and addresses of From and Sender, folded.</summary>
    public required string FromText { get; set; }
    public required string ToText { get; set; }
    public required string CcText { get; set; }
    public required string BccText { get; set; }
}

/// <summary>How far the indexer has come in an account.</summary>
public sealed class SearchProgress
{
    public AccountId AccountId { get; set; }
    public ContentId Through { get; set; }
}
