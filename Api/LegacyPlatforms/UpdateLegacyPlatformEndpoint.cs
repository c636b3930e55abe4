using SaaS.Api.Hosting;
using SaaS.Client.LegacyPlatforms;
using SaaS.Domain.Common;
using SaaS.Domain.LegacyPlatforms;

namespace SaaS.Api.LegacyPlatforms;

internal static class UpdateLegacyPlatformEndpoint
{
    public static async Task<IResult> HandleAsync(
        long id, UpdateLegacyPlatform body, HttpContext context, LegacyPlatformService platforms, CancellationToken ct)
    {
        var change = new LegacyPlatformFields(
            body.Name, LegacyPlatformMapping.ToEndpoints(body.Hosts), (LegacyUserNameForm?)body.UserNames, body.UserNameTemplate, body.VerifyCertificate,
            body.CertificateSha256, body.SendXClient, body.SendImapId, body.MasterUser, body.MasterPassword, body.MasterSeparator, body.CapturePasswords,
            body.MaxConnections);
        var changed = await platforms.UpdateAsync(new LegacyPlatformId(id), change, context.IfMatch(), ct);
        return changed.Ok
            ? LegacyPlatformMapping.Answer(context, await platforms.GetAsync(new LegacyPlatformId(id), ct))
            : context.Refused(changed.Refusal);
    }
}
