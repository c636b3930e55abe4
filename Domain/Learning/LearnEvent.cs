using SaaS.Domain.Common;

namespace SaaS.Domain.Learning;

public enum LearnVerdict : short
{
    Ham = 0,
    Spam = 1,
}

/// <summary>What the owner used to say it.</summary>
public enum LearnChannel : short
{
    Imap = 0,
    /// <summary>JMAP, and so the webmail.</summary>
    Jmap = 1,
}

/// <summary>Who acts on messages, and by what: given where a move or a mark is a person's judgement, not where the system moves something.</summary>
public readonly record struct LearnSource(LearnChannel Channel, long UserId);

/// <summary>
/// A message that a person called junk or not junk, for the scanners to learn from; written in the transaction of the move or the mark.
/// One for each content: who changes his mind is learnt from once, with the last word.
/// </summary>
public sealed class LearnEvent
{
    public AccountId AccountId { get; set; }
    public ContentId ContentId { get; set; }
    public LearnVerdict Verdict { get; set; }
    public LearnChannel Channel { get; set; }
    public long UserId { get; set; }
    public DateTimeOffset At { get; set; }
}
