using SaaS.Domain.Common;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;

namespace SaaS.Domain.Sieve;

/// <summary>A mailbox as scripts see it.</summary>
public sealed record SieveMailbox(MailboxId Id, string Name, SpecialUse Use);

/// <summary>All that a script can learn of one delivery.</summary>
public sealed record SieveContext
{
    public required MessageBytes Message { get; init; }
    public required ParsedMessage Parsed { get; init; }
    /// <summary>Header lines that this delivery puts in front; scripts see them as part of the message.</summary>
    public ReadOnlyMemory<byte> Prepend { get; init; }
    /// <summary>Null: the null reverse-path.</summary>
    public required MailAddress? ReversePath { get; init; }
    public required MailAddress Recipient { get; init; }
    /// <summary>ORCPT, NOTIFY, RET and ENVID as received, for the envelope test (RFC 6009 §3).</summary>
    public string? OriginalRecipient { get; init; }
    public string? Notify { get; init; }
    public string? Return { get; init; }
    public string? EnvelopeId { get; init; }
    /// <summary>The owner's addresses, primary first.</summary>
    public required IReadOnlyList<string> OwnAddresses { get; init; }
    public string DisplayName { get; init; } = "";
    public required DateTimeOffset Now { get; init; }
    public IReadOnlyList<SieveMailbox> Mailboxes { get; init; } = [];
    /// <summary>The owner's other scripts by name; null where it does not compile.</summary>
    public IReadOnlyDictionary<string, SieveScript?> Scripts { get; init; } = new Dictionary<string, SieveScript?>();
    /// <summary>Answers found so far.</summary>
    public IReadOnlyDictionary<SieveFact, string?> Facts { get; init; } = new Dictionary<SieveFact, string?>();
    public string HostName { get; init; } = "localhost";
    /// <summary>Null: not tested.</summary>
    public double? SpamPercent { get; init; }
    /// <summary>0 not tested, 1 clean … 5 certainly infected (RFC 5235 §2.3).</summary>
    public int Virus { get; init; }
}
