using SaaS.Api.Hosting;
using SaaS.Client.AppPasswords;
using SaaS.Client.Http;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;

namespace SaaS.Api.AppPasswords;

internal static class ListAppPasswords
{
    /// <summary>Who has no mailbox has no app passwords either.</summary>
    public static Task<IResult> OwnAsync(HttpContext context, CurrentUser user, AppPasswordService passwords, CancellationToken ct) =>
        user.Account is { } account
            ? AnswerAsync(account, context, passwords, ct)
            : Task.FromResult(Results.Json(new AppPasswordList([]), ApiJson.Options));

    public static Task<IResult> OfAsync(long id, HttpContext context, AppPasswordService passwords, CancellationToken ct) =>
        AnswerAsync(new AccountId(id), context, passwords, ct);

    private static async Task<IResult> AnswerAsync(AccountId account, HttpContext context, AppPasswordService passwords, CancellationToken ct)
    {
        var list = await passwords.ListAsync(account, ct);
        return list.Ok
            ? Results.Json(new AppPasswordList([.. list.Value.Select(AppPasswordMapping.ToView)]), ApiJson.Options)
            : context.Refused(list.Refusal);
    }
}
