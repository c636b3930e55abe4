using System.Text.Json;

namespace SaaS.Domain.LegacyPlatforms;

public enum LegacyTls
{
    /// <summary>TLS from the first octet.</summary>
    Implicit = 0,
    /// <summary>STARTTLS; without it nothing is sent.</summary>
    StartTls = 1,
    /// <summary>Passwords and mail cross in clear: only for operators, inside their own network.</summary>
    None = 2,
}

/// <summary>One service of a legacy platform.</summary>
/// <param name="Host">A name, or an IP address.</param>
/// <param name="Port">TCP.</param>
/// <param name="Tls">How it is encrypted.</param>
/// <param name="ProxyProtocol">The client's address goes ahead in a PROXY header, version 2.</param>
public sealed record LegacyEndpoint(string Host, int Port, LegacyTls Tls, bool ProxyProtocol = false);

/// <summary>Where a legacy platform's services are; null: it has no such service.</summary>
public sealed record LegacyEndpoints
{
    public LegacyEndpoint? Imap { get; init; }
    public LegacyEndpoint? Pop3 { get; init; }
    public LegacyEndpoint? Submission { get; init; }
    public LegacyEndpoint? ManageSieve { get; init; }
    /// <summary>Where mail for its accounts is delivered.</summary>
    public LegacyEndpoint? Delivery { get; init; }
    /// <summary>Delivery is LMTP, not SMTP.</summary>
    public bool DeliveryByLmtp { get; init; }

    internal static string ToJson(LegacyEndpoints endpoints) => JsonSerializer.Serialize(endpoints, JsonSerializerOptions.Web);

    internal static LegacyEndpoints FromJson(string json) => JsonSerializer.Deserialize<LegacyEndpoints>(json, JsonSerializerOptions.Web) ?? new();
}
