using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using SaaS.Domain.Queue;
using SaaS.MailHost.MailAuth.Dkim;

namespace SaaS.MailHost.Relay.Signing;

/// <summary>Signs what a customer submitted, with the keys of the From domain; else of the reverse-path's. Mail that is
/// only forwarded is another matter (<see cref="ForwardedMail"/>): whoever wrote it could have put our customer's domain into From.</summary>
internal sealed class MessageSigner(DkimKeyRing keys, TimeProvider clock)
{
    /// <summary>Header lines that go in front; none where there is no key.</summary>
    public async ValueTask<byte[]> SignAsync(LeasedMessage message, MessageBytes bytes, CancellationToken ct)
    {
        if (message.Tenant is not { } tenant || message.Account is null)
        {
            return [];
        }

        foreach (var domain in Domains(message, bytes))
        {
            var found = await keys.FindAsync(domain, tenant, ct);
            if (found.Count > 0)
            {
                return DkimSigner.Sign(bytes, found, clock.GetUtcNow());
            }
        }

        return [];
    }

    private static IEnumerable<string> Domains(LeasedMessage message, MessageBytes bytes)
    {
        if (DkimSigner.From(bytes) is { } from && MimeKit.InternetAddressList.TryParse(from, out var list)
            && list.Mailboxes.Take(2).ToList() is [var author] && DomainName.TryNormalize(author.Domain, out var domain))
        {
            yield return domain;
        }

        if (message.ReversePath is { } sender)
        {
            yield return sender.Domain;
        }
    }
}
