namespace SaaS.Client.Jmap;

/// <summary>Capability URNs (RFC 8620 §2, RFC 8621 §1.3).</summary>
public static class JmapCapability
{
    public const string Core = "urn:ietf:params:jmap:core";
    public const string Mail = "urn:ietf:params:jmap:mail";
    public const string Submission = "urn:ietf:params:jmap:submission";
    /// <summary>RFC 9661 §1.3.</summary>
    public const string Sieve = "urn:ietf:params:jmap:sieve";
    public const string VacationResponse = "urn:ietf:params:jmap:vacationresponse";
}
