namespace SaaS.Domain.Sieve;

/// <summary>A question whose answer lies outside the message.</summary>
public abstract record SieveFact
{
    private SieveFact() { }

    /// <summary>Was this id seen before (RFC 7352)?</summary>
    public sealed record Seen(string Key) : SieveFact;
}
