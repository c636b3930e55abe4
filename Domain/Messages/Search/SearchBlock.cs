using SaaS.Domain.Common;

namespace SaaS.Domain.Messages.Search;

/// <summary>What <see cref="SearchBlocks"/> knows of 512 contents; written once, by their order of arrival.</summary>
public sealed class SearchBlock
{
    public AccountId AccountId { get; set; }
    /// <summary>The last content in it; the next block begins behind it.</summary>
    public ContentId Last { get; set; }
    /// <summary>The first content in it.</summary>
    public ContentId First { get; set; }
    /// <summary>Each content's distance from the first, four octets little-endian.</summary>
    public required byte[] Contents { get; set; }
    /// <summary>A bit a content: its text was too large to be held whole, so its bits cannot say no.</summary>
    public required byte[] Partial { get; set; }
    /// <summary>For each of 4,096 runs of characters 128 octets: a bit a content for its header, then a bit a content for its text.</summary>
    public required byte[] Bits { get; set; }
}
