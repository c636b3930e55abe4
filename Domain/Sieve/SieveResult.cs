using SaaS.Domain.Common;
using SaaS.Domain.Mailboxes;

namespace SaaS.Domain.Sieve;

/// <summary>Where a copy goes: one of these.</summary>
/// <param name="Id">By id (RFC 9042), where it exists.</param>
/// <param name="Use">By special use (RFC 8579), where one has it.</param>
/// <param name="Name">By name; the inbox where null.</param>
/// <param name="Create">Make it when missing.</param>
public sealed record SieveTarget(string? Name, MailboxId? Id = null, SpecialUse Use = SpecialUse.None, bool Create = false);

/// <summary>Something to be done, once the script has run to its end.</summary>
public abstract record SieveAction
{
    private SieveAction() { }

    /// <summary>A copy into a mailbox; keep is the inbox.</summary>
    public sealed record Store(SieveTarget Target, IReadOnlyList<string> Flags, SieveContent Content) : SieveAction;

    /// <param name="DsnNotify">NOTIFY of RFC 3461, where the script sets it (RFC 6009 §4).</param>
    /// <param name="ReturnFull">RET, where the script sets it.</param>
    public sealed record Redirect(MailAddress Address, SieveContent Content, string? DsnNotify, bool? ReturnFull) : SieveAction;

    /// <summary>To every address of a list of the owner's (RFC 6134 §2.4).</summary>
    public sealed record RedirectToList(string List, SieveContent Content, string? DsnNotify, bool? ReturnFull) : SieveAction;

    /// <summary>RFC 5429: refused while its sender is here to hear it, else reported.</summary>
    public sealed record Reject(string Reason) : SieveAction;

    /// <summary>A response to the sender (RFC 5230); whether it is due is for the caller, who knows when the last one went.</summary>
    public sealed record Vacation : SieveAction
    {
        public required string Reason { get; init; }
        /// <summary>The reason is a MIME entity with its own header.</summary>
        public bool Mime { get; init; }
        /// <summary>HTML form of the reason, where there is one.</summary>
        public string? Html { get; init; }
        public string? Subject { get; init; }
        public string? From { get; init; }
        /// <summary>What tells this response from others to the same sender.</summary>
        public required string Handle { get; init; }
        public required TimeSpan Interval { get; init; }
        public SieveFcc? Fcc { get; init; }
    }

    /// <summary>A notification by mail (RFC 5435, 5436).</summary>
    public sealed record Notify : SieveAction
    {
        public required IReadOnlyList<MailAddress> To { get; init; }
        public string? From { get; init; }
        public required string Subject { get; init; }
        public string Body { get; init; } = "";
        /// <summary>1 high, 2 normal, 3 low.</summary>
        public int Importance { get; init; } = 2;
        public SieveFcc? Fcc { get; init; }
    }

    /// <summary>An id that <c>duplicate</c> has to remember (RFC 7352).</summary>
    public sealed record Remember(string Key, TimeSpan For) : SieveAction;
}

/// <summary>A copy of what is sent (RFC 8580).</summary>
public sealed record SieveFcc(SieveTarget Target, IReadOnlyList<string> Flags);

/// <summary>What a script came to. With an error its actions are void, and the message goes into the inbox.</summary>
public sealed record SieveResult(IReadOnlyList<SieveAction> Actions, string? Error);
