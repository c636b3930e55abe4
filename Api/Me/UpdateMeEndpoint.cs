using SaaS.Api.Hosting;
using SaaS.Client.Http;
using SaaS.Client.Me;
using SaaS.Domain.Accounts;

namespace SaaS.Api.Me;

internal static class UpdateMeEndpoint
{
    public static async Task<IResult> HandleAsync(
        UpdateMe body, HttpContext context, CurrentUser user, UserService users, CancellationToken ct)
    {
        var refusal = await users.RenameSelfAsync(user.UserId!.Value, body.DisplayName, ct);
        return refusal is null
            ? Results.Json(MeMapping.ToView(await users.DescribeAsync(user.UserId.Value, ct)), ApiJson.Options)
            : context.Refused(refusal);
    }
}
