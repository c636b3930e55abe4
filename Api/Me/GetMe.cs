using SaaS.Api.Hosting;
using SaaS.Client.Http;
using SaaS.Domain.Accounts;

namespace SaaS.Api.Me;

internal static class GetMe
{
    public static async Task<IResult> HandleAsync(CurrentUser user, UserService users, CancellationToken ct) =>
        Results.Json(MeMapping.ToView(await users.DescribeAsync(user.UserId!.Value, ct)), ApiJson.Options);
}
