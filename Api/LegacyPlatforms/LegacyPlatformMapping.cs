using SaaS.Api.Hosting;
using SaaS.Client.LegacyPlatforms;
using SaaS.Domain.Common;
using SaaS.Domain.LegacyPlatforms;

namespace SaaS.Api.LegacyPlatforms;

/// <summary>What of it crosses HTTP. The master's password never does.</summary>
internal static class LegacyPlatformMapping
{
    public static LegacyPlatformView ToView(LegacyPlatformSummary x)
    {
        var (p, e) = (x.Platform, x.Platform.Endpoints);
        return new LegacyPlatformView(
            p.Id.Value, p.ResellerId?.Value, p.TenantId?.Value, p.OperatorDefined, p.Name,
            new LegacyHosts(ToHost(e.Imap), ToHost(e.Pop3), ToHost(e.Submission), ToHost(e.ManageSieve), ToHost(e.Delivery), e.DeliveryByLmtp),
            (LegacyUserNames)p.UserNameForm, p.UserNameTemplate, p.VerifyCertificate, p.CertificateSha256, p.SendXClient, p.SendImapId,
            x.Editable ? p.MasterUser : null, p.MasterUser is not null, x.Editable ? p.MasterSeparator : null, p.CapturePasswords, p.MaxConnections,
            x.Accounts, x.AtHome, x.Editable, p.CreatedAt, Answers.Version(p.Version));
    }

    public static LegacyEndpoints? ToEndpoints(LegacyHosts? hosts) => hosts is null ? null : new LegacyEndpoints
    {
        Imap = ToEndpoint(hosts.Imap),
        Pop3 = ToEndpoint(hosts.Pop3),
        Submission = ToEndpoint(hosts.Submission),
        ManageSieve = ToEndpoint(hosts.ManageSieve),
        Delivery = ToEndpoint(hosts.Delivery),
        DeliveryByLmtp = hosts.DeliveryByLmtp,
    };

    /// <summary>The object with its ETag; 201 where it was made at a location.</summary>
    public static IResult Answer(HttpContext context, Outcome<LegacyPlatformSummary> found, string? location = null) =>
        !found.Ok ? context.Refused(found.Refusal)
        : location is null ? context.Found(ToView(found.Value), Answers.Version(found.Value.Platform.Version))
        : context.Made(location, ToView(found.Value), Answers.Version(found.Value.Platform.Version));

    private static LegacyHost? ToHost(LegacyEndpoint? e) => e is null ? null : new LegacyHost(e.Host, e.Port, (LegacyEncryption)e.Tls, e.ProxyProtocol);

    private static LegacyEndpoint? ToEndpoint(LegacyHost? h) => h is null ? null : new LegacyEndpoint(h.Host, h.Port, (LegacyTls)h.Encryption, h.ProxyProtocol);
}
