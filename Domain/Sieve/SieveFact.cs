namespace SaaS.Domain.Sieve;

/// <summary>A question whose answer lies outside the message: null is no, and anything else is yes, or the value asked for.</summary>
public abstract record SieveFact
{
    private SieveFact() { }

    /// <summary>Was this id seen before (RFC 7352)?</summary>
    public sealed record Seen(string Key) : SieveFact;

    /// <summary>Which of these is in the list (RFC 6134)?</summary>
    /// <param name="List">Its name without "urn:ietf:params:sieve".</param>
    /// <param name="Values">A line each.</param>
    public sealed record Listed(string List, string Values) : SieveFact;

    /// <summary>Is there such a list?</summary>
    public sealed record HasList(string List) : SieveFact;

    /// <summary>The value of an annotation (RFC 5490).</summary>
    /// <param name="Mailbox">Null: of the account.</param>
    public sealed record Metadata(Domain.Common.MailboxId? Mailbox, string Entry) : SieveFact;
}
