using SaaS.Domain.Messages;
using SaaS.Domain.Messages.Search;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands.Search;

/// <summary>One message as the index knows it.</summary>
internal readonly record struct Candidate(uint Uid, MessageFlags Flags, string[]? Keywords, int Size, long Date, long ModSeq);

/// <summary>
/// A search key. Narrow ones look at the index only; wide ones are looked up first, all messages at once, and then are a set of UIDs.
/// </summary>
/// <remarks>RFC 9051 §6.4.4.</remarks>
internal abstract record SearchKey
{
    private SearchKey() { }

    public abstract bool Matches(in Candidate c);

    /// <summary>Wide keys in it, itself included.</summary>
    public virtual IEnumerable<Wide> WideKeys => [];

    public virtual IEnumerable<Numbers> NumberSets => [];

    public bool IsNarrow => !WideKeys.Any();

    /// <summary>MODSEQ is in it: the answer tells the highest (RFC 7162 §3.1.5).</summary>
    public bool HasModSeq => this switch
    {
        ModSeq => true,
        Not n => n.Key.HasModSeq,
        Or o => o.A.HasModSeq || o.B.HasModSeq,
        And a => a.Keys.Any(k => k.HasModSeq),
        _ => false,
    };

    internal sealed record All : SearchKey
    {
        public override bool Matches(in Candidate c) => true;
    }

    internal sealed record None : SearchKey
    {
        public override bool Matches(in Candidate c) => false;
    }

    internal sealed record Flag(MessageFlags Bits, bool Set) : SearchKey
    {
        public override bool Matches(in Candidate c) => (c.Flags & Bits) != 0 == Set;
    }

    internal sealed record Keyword(string Name, bool Set) : SearchKey
    {
        public override bool Matches(in Candidate c) =>
            (c.Keywords is not null && Array.Exists(c.Keywords, k => k.Equals(Name, StringComparison.OrdinalIgnoreCase))) == Set;
    }

    /// <summary>RFC822.SIZE strictly above or below.</summary>
    internal sealed record Size(long Above, long Below) : SearchKey
    {
        public override bool Matches(in Candidate c) => c.Size > Above && c.Size < Below;
    }

    /// <summary>Internal date in seconds since 1970.</summary>
    internal sealed record Date(long From, long Before) : SearchKey
    {
        public override bool Matches(in Candidate c) => c.Date >= From && c.Date < Before;
    }

    internal sealed record ModSeq(long From) : SearchKey
    {
        public override bool Matches(in Candidate c) => c.ModSeq >= From;
    }

    /// <summary>Message numbers or UIDs; resolved to UID ranges before the search.</summary>
    internal sealed record Numbers(SequenceSet Set, bool IsUid) : SearchKey
    {
        public List<NumberRange> Ranges { get; set; } = [];

        public override IEnumerable<Numbers> NumberSets => [this];

        public override bool Matches(in Candidate c) => NumberRange.Contains(Ranges, c.Uid);
    }

    internal sealed record Not(SearchKey Key) : SearchKey
    {
        public override IEnumerable<Wide> WideKeys => Key.WideKeys;

        public override IEnumerable<Numbers> NumberSets => Key.NumberSets;

        public override bool Matches(in Candidate c) => !Key.Matches(c);
    }

    internal sealed record Or(SearchKey A, SearchKey B) : SearchKey
    {
        public override IEnumerable<Wide> WideKeys => A.WideKeys.Concat(B.WideKeys);

        public override IEnumerable<Numbers> NumberSets => A.NumberSets.Concat(B.NumberSets);

        public override bool Matches(in Candidate c) => A.Matches(c) || B.Matches(c);
    }

    internal sealed record And(IReadOnlyList<SearchKey> Keys) : SearchKey
    {
        public override IEnumerable<Wide> WideKeys => Keys.SelectMany(k => k.WideKeys);

        public override IEnumerable<Numbers> NumberSets => Keys.SelectMany(k => k.NumberSets);

        public override bool Matches(in Candidate c)
        {
            foreach (var key in Keys)
            {
                if (!key.Matches(c))
                {
                    return false;
                }
            }

            return true;
        }
    }

    internal abstract record Wide : SearchKey
    {
        /// <summary>Found before the search.</summary>
        public HashSet<uint> Found { get; set; } = [];

        public override IEnumerable<Wide> WideKeys => [this];

        public override bool Matches(in Candidate c) => Found.Contains(c.Uid);
    }

    /// <summary>Answered by the database.</summary>
    internal sealed record Column(MailboxCondition Condition) : Wide;

    /// <summary>A field of the envelope; <paramref name="Property"/> is its name in the JSON of <see cref="MessageEnvelope"/>.</summary>
    internal sealed record Envelope(char Property, string Value) : Wide
    {
        public CaseMap Map { get; } = new(Value);
    }

    /// <summary>A header field that was not parsed into the envelope; no text: the field is there.</summary>
    internal sealed record Header(string Name, string Value) : Wide
    {
        public CaseMap Map { get; } = new(Value);
    }

    /// <summary>Text of the body, and with <paramref name="AndHeader"/> of the header.</summary>
    internal sealed record Text(string Term, bool AndHeader) : Wide
    {
        public CaseMap Map { get; } = new(Term);
    }
}
