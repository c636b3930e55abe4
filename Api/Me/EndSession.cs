using SaaS.Api.Hosting;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;

namespace SaaS.Api.Me;

internal static class EndSession
{
    public static async Task<IResult> HandleAsync(string id, HttpContext context, CurrentUser user, UserSessions sessions, CancellationToken ct) =>
        context.Done(Guid.TryParseExact(id, "N", out var session)
            ? await sessions.EndAsync(user.UserId!.Value, session, ct)
            : Refusal.NotFound("session"));
}
