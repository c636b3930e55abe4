using SaaS.Client.Accounts;
using SaaS.Domain.Sharing;

namespace SaaS.Api.Accounts;

/// <summary>Rights of members as they cross HTTP.</summary>
internal static class MemberMapping
{
    public static MemberView ToView(Member x) => new(x.Address, x.Kind == GranteeKind.Group ? MemberType.Group : MemberType.User, [.. ToRights(x.Rights)]);

    public static MailboxRights ToRights(IReadOnlyList<MemberRight>? rights) => (rights ?? []).Aggregate(MailboxRights.None, (all, right) => all | right switch
    {
        MemberRight.Read => MailboxRights.Reader,
        MemberRight.Write => MailboxRights.Writer,
        MemberRight.Full => MailboxRights.All,
        MemberRight.SendAs => MailboxRights.SendAs,
        MemberRight.SendOnBehalf => MailboxRights.SendOnBehalf,
        _ => MailboxRights.None,
    });

    // Of the three that contain each other the widest is told.
    private static IEnumerable<MemberRight> ToRights(MailboxRights rights)
    {
        if (rights.Has(MailboxRights.All))
        {
            yield return MemberRight.Full;
        }
        else if (rights.Has(MailboxRights.Writer))
        {
            yield return MemberRight.Write;
        }
        else if (rights.Has(MailboxRights.Reader))
        {
            yield return MemberRight.Read;
        }

        if (rights.Has(MailboxRights.SendAs))
        {
            yield return MemberRight.SendAs;
        }

        if (rights.Has(MailboxRights.SendOnBehalf))
        {
            yield return MemberRight.SendOnBehalf;
        }
    }
}
