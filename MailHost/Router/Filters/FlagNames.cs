using SaaS.Domain.Messages;

namespace SaaS.MailHost.Router.Filters;

/// <summary>Flags as scripts name them, as the store knows them (RFC 9051 §2.3.2).</summary>
internal static class FlagNames
{
    public static (MessageFlags Flags, IReadOnlyList<string> Keywords) Read(IReadOnlyList<string> names)
    {
        var flags = MessageFlags.None;
        var keywords = new List<string>();
        foreach (var name in names)
        {
            var flag = name.ToLowerInvariant() switch
            {
                "\\seen" => MessageFlags.Seen,
                "\\answered" => MessageFlags.Answered,
                "\\flagged" => MessageFlags.Flagged,
                "\\deleted" => MessageFlags.Deleted,
                "\\draft" => MessageFlags.Draft,
                "$forwarded" => MessageFlags.Forwarded,
                "$junk" => MessageFlags.Junk,
                "$notjunk" => MessageFlags.NotJunk,
                "$phishing" => MessageFlags.Phishing,
                "$mdnsent" => MessageFlags.MdnSent,
                _ => MessageFlags.None,
            };
            flags |= flag;
            if (flag == MessageFlags.None && name[0] != '\\')
            {
                keywords.Add(name);
            }
        }

        return (flags, keywords);
    }
}
