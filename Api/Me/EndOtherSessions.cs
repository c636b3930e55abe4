using SaaS.Api.Hosting;
using SaaS.Domain.Accounts;

namespace SaaS.Api.Me;

internal static class EndOtherSessions
{
    public static async Task<IResult> HandleAsync(HttpContext context, CurrentUser user, UserSessions sessions, CancellationToken ct)
    {
        await sessions.EndOthersAsync(user.UserId!.Value, user.Session, ct);
        return context.Done(null);
    }
}
