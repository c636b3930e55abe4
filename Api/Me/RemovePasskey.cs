using SaaS.Api.Hosting;
using SaaS.Api.Identity;

namespace SaaS.Api.Me;

internal static class RemovePasskey
{
    public static async Task<IResult> HandleAsync(string id, HttpContext context, CurrentUser user, Passkeys passkeys) =>
        context.Done(await passkeys.RemoveAsync(user.UserId!.Value, id));
}
