using SaaS.Api.Hosting;
using SaaS.Client.Me;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;

namespace SaaS.Api.Me;

internal static class ListSessions
{
    public static async Task<IResult> HandleAsync(CurrentUser user, UserSessions sessions, CancellationToken ct) =>
        new Page<UserSession>(await sessions.ListAsync(user.UserId!.Value, ct), null).List(x => new SessionView(
            x.Id.ToString("N"), x.CreatedAt, x.SeenAt, x.Address, x.UserAgent, x.Method, x.Id == user.Session));
}
