using SaaS.Client.AppPasswords;
using SaaS.Domain.Accounts;

namespace SaaS.Api.AppPasswords;

internal static class AppPasswordMapping
{
    private static readonly (MailProtocols Protocol, string Name)[] Names =
    [
        (MailProtocols.Imap, "imap"), (MailProtocols.Pop3, "pop3"), (MailProtocols.Submission, "smtp"), (MailProtocols.ManageSieve, "sieve"),
    ];

    public static AppPasswordView ToView(AppPassword x) => new(
        x.Id, x.Label, [.. Names.Where(n => x.Protocols.HasFlag(n.Protocol)).Select(n => n.Name)], x.CreatedAt, x.ExpiresAt, x.LastUsedAt,
        Names.FirstOrDefault(n => n.Protocol == x.LastUsedProtocol).Name, x.LastUsedAddress);

    /// <summary>None where a name is unknown.</summary>
    public static MailProtocols Parse(IReadOnlyList<string>? names)
    {
        if (names is null)
        {
            return MailProtocols.All;
        }

        var all = MailProtocols.None;
        foreach (var name in names)
        {
            var found = Names.FirstOrDefault(n => n.Name == name).Protocol;
            if (found == MailProtocols.None)
            {
                return MailProtocols.None;
            }

            all |= found;
        }

        return all;
    }
}
