using SaaS.Client.Domains;

namespace SaaS.Web.Portal;

/// <summary>The states of domains and their records in words and tones.</summary>
internal static class DomainState
{
    public static (Tone Tone, string Text) Of(DomainStatus status) => status switch
    {
        DomainStatus.Verified => (Tone.Good, "Verified"),
        DomainStatus.Pending => (Tone.Warn, "Not verified"),
        DomainStatus.Suspended => (Tone.Bad, "Suspended"),
    };

    public static (Tone Tone, string Text) Of(DnsRecordView record) => record.State switch
    {
        DnsRecordState.Ok => (Tone.Good, "Published"),
        DnsRecordState.Missing => record.Required ? (Tone.Bad, "Missing") : (Tone.Neutral, "Not published"),
        DnsRecordState.Differs => record.Required ? (Tone.Bad, "Different") : (Tone.Warn, "Different"),
        DnsRecordState.Unknown => (Tone.Warn, "No answer from DNS"),
    };

    public static string Purpose(string purpose) => purpose switch
    {
        "ownership" => "Ownership",
        "mx" => "Incoming mail",
        "spf" => "Allowed senders (SPF)",
        "dkim" => "Signature (DKIM)",
        "dmarc" => "Policy (DMARC)",
        "mtaSts" => "Encrypted delivery (MTA-STS)",
        "tlsRpt" => "Encryption reports (TLS-RPT)",
        "autoconfig" => "Mail app set-up",
        _ => purpose,
    };
}
