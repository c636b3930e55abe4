namespace SaaS.Domain.Sieve;

/// <summary>The script cannot go on: the message is kept and its owner is told (RFC 5228 §2.10.6).</summary>
internal sealed class SieveRunException(string text) : Exception(text);

/// <summary>The run needs a fact that it has not: the caller looks it up and runs the script again from its start, which costs less than a
/// database call within every interpreter.</summary>
internal sealed class SieveFactNeededException(SieveFact fact) : Exception
{
    public SieveFact Fact { get; } = fact;
}
