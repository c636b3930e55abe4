using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.MailHost.Router;
using SaaS.MailHost.Smtp;

namespace SaaS.MailHost.Mx;

/// <summary>The edge to the world: takes mail for our own recipients from anyone, and relays for nobody.</summary>
internal sealed class MxPolicy(IMessageRouter router, MessageChecks checks, ReturnPaths returnPaths) : ISmtpPolicy
{
    private static readonly Refusal OneAtATime = new(RefusalReason.LimitReached, "A report of this kind has one recipient.");

    public ValueTask<SmtpReply?> OnMailAsync(SmtpSession session, SmtpTransaction transaction, CancellationToken ct) => new((SmtpReply?)null);

    public ValueTask<RouteDecision> OnRecipientAsync(SmtpSession session, MailAddress recipient, CancellationToken ct)
    {
        // A report that comes back to forwarded mail is written anew for its recipient, so it has just one.
        var others = session.Transaction!.Recipients;
        return others.Count > 0 && (returnPaths.IsOurs(recipient) || returnPaths.IsOurs(others[0].Address))
            ? new ValueTask<RouteDecision>(OneAtATime)
            : router.ResolveAsync(recipient, new RouteContext(session.Transaction!.ReversePath, null, null), ct);
    }

    public async ValueTask<SmtpReply?> OnMessageAsync(SmtpSession session, SmtpTransaction transaction, CancellationToken ct)
    {
        if (await checks.CheckAsync(session, transaction, ct) is { } refused)
        {
            return refused;
        }

        if (transaction.Recipients is [var only] && returnPaths.IsOurs(only.Address) && returnPaths.Reverse(only.Address) is { } sender)
        {
            transaction.Replace(await returnPaths.RewriteReportAsync(transaction.Message!, sender, ct));
        }

        return null;
    }
}
