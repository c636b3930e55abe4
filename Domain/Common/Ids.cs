namespace SaaS.Domain.Common;

// Every id is a 64-bit number behind a type of its own, so that no method can be called with the wrong one.
// Control-plane ids come from identity columns; mail ids (MailboxId, MessageId, ContentId, ThreadId) are unique
// within their account only and are drawn from the account's modseq.

public readonly record struct ResellerId(long Value)
{
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
    public static bool operator <(ResellerId a, ResellerId b) => a.Value < b.Value;
    public static bool operator >(ResellerId a, ResellerId b) => a.Value > b.Value;
}

public readonly record struct TenantId(long Value)
{
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
    public static bool operator <(TenantId a, TenantId b) => a.Value < b.Value;
    public static bool operator >(TenantId a, TenantId b) => a.Value > b.Value;
}

public readonly record struct PlanId(long Value)
{
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
    public static bool operator <(PlanId a, PlanId b) => a.Value < b.Value;
    public static bool operator >(PlanId a, PlanId b) => a.Value > b.Value;
}

public readonly record struct LegacyPlatformId(long Value)
{
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
    public static bool operator <(LegacyPlatformId a, LegacyPlatformId b) => a.Value < b.Value;
    public static bool operator >(LegacyPlatformId a, LegacyPlatformId b) => a.Value > b.Value;
}

public readonly record struct DomainId(long Value)
{
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
    public static bool operator <(DomainId a, DomainId b) => a.Value < b.Value;
    public static bool operator >(DomainId a, DomainId b) => a.Value > b.Value;
}

public readonly record struct AccountId(long Value)
{
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
    public static bool operator <(AccountId a, AccountId b) => a.Value < b.Value;
    public static bool operator >(AccountId a, AccountId b) => a.Value > b.Value;
}

public readonly record struct MailboxId(long Value) { public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture); }

/// <summary>An email within its account: stable over MOVE and flag changes (RFC 8474 EMAILID, JMAP Email id).</summary>
public readonly record struct MessageId(long Value) { public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture); }

/// <summary>The bytes of a message within an account; shared by the copies of one email (JMAP blobId).</summary>
public readonly record struct ContentId(long Value) { public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture); }

public readonly record struct ThreadId(long Value) { public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture); }

/// <summary>IMAP UID: strictly ascending in a mailbox, 1..2^32-1 (RFC 9051 §2.3.1.1).</summary>
public readonly record struct Uid(uint Value) : IComparable<Uid>
{
    public int CompareTo(Uid other) => Value.CompareTo(other.Value);
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
    public static bool operator <(Uid a, Uid b) => a.Value < b.Value;
    public static bool operator >(Uid a, Uid b) => a.Value > b.Value;
    public static bool operator <=(Uid a, Uid b) => a.Value <= b.Value;
    public static bool operator >=(Uid a, Uid b) => a.Value >= b.Value;
}

/// <summary>A point in an account's one sequence of changes (RFC 7162 mod-sequence; JMAP state string).</summary>
public readonly record struct ModSeq(long Value) : IComparable<ModSeq>
{
    public int CompareTo(ModSeq other) => Value.CompareTo(other.Value);
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
    public static bool operator <(ModSeq a, ModSeq b) => a.Value < b.Value;
    public static bool operator >(ModSeq a, ModSeq b) => a.Value > b.Value;
    public static bool operator <=(ModSeq a, ModSeq b) => a.Value <= b.Value;
    public static bool operator >=(ModSeq a, ModSeq b) => a.Value >= b.Value;
}
