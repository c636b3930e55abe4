using SaaS.Api.Hosting;
using SaaS.Client.LegacyPlatforms;
using SaaS.Domain.Common;
using SaaS.Domain.LegacyPlatforms;

namespace SaaS.Api.LegacyPlatforms;

internal static class CreateLegacyPlatformEndpoint
{
    public static async Task<IResult> HandleAsync(
        CreateLegacyPlatform body, HttpContext context, LegacyPlatformService platforms, CancellationToken ct)
    {
        var made = await platforms.CreateAsync(
            new LegacyPlatformFields(
                body.Name, LegacyPlatformMapping.ToEndpoints(body.Hosts), (LegacyUserNameForm)body.UserNames, body.UserNameTemplate, body.VerifyCertificate,
                body.CertificateSha256, body.SendXClient, body.SendImapId, body.MasterUser, body.MasterPassword, body.MasterSeparator,
                body.CapturePasswords, body.MaxConnections),
            body.ResellerId is { } reseller ? new ResellerId(reseller) : null, body.TenantId is { } tenant ? new TenantId(tenant) : null, ct);
        return made.Ok
            ? LegacyPlatformMapping.Answer(context, await platforms.GetAsync(made.Value.Id, ct), $"/v1/legacy-platforms/{made.Value.Id}")
            : context.Refused(made.Refusal);
    }
}
