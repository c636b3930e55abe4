using SaaS.Domain.Mailboxes;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>Which mailboxes an ESEARCH or a NOTIFY is about.</summary>
/// <remarks>RFC 5465 §6, RFC 7377 §2.2 (subtree-one).</remarks>
internal sealed record MailboxFilter(MailboxFilter.Scope Of, IReadOnlyList<string> Names)
{
    /// <summary>Names that one filter may list.</summary>
    public const int MaxNames = 200;

    internal enum Scope
    {
        Selected,
        SelectedDelayed,
        Inboxes,
        Personal,
        Subscribed,
        Subtree,
        SubtreeOne,
        Mailboxes,
    }

    /// <summary>Mailboxes of others can be among them.</summary>
    public bool ReachesOthers => Of is Scope.Subscribed || Names.Any(n => n == ImapSession.SharedRoot || n.StartsWith(ImapSession.SharedRoot + "/", StringComparison.Ordinal));

    public bool IsSelected => Of is Scope.Selected or Scope.SelectedDelayed;

    // filter-mailboxes = filter-mailboxes-selected / filter-mailboxes-other
    public static MailboxFilter Parse(ref ImapReader r, ImapSession s)
    {
        var name = r.Keyword();
        Scope? scope = name switch
        {
            "SELECTED" => Scope.Selected,
            "SELECTED-DELAYED" => Scope.SelectedDelayed,
            "INBOXES" => Scope.Inboxes,
            "PERSONAL" => Scope.Personal,
            "SUBSCRIBED" => Scope.Subscribed,
            "SUBTREE" => Scope.Subtree,
            "SUBTREE-ONE" => Scope.SubtreeOne,
            "MAILBOXES" => Scope.Mailboxes,
            _ => null,
        };
        if (scope is not { } of)
        {
            throw new ImapSyntaxException("Unknown mailbox filter.");
        }

        var names = new List<string>();
        if (of is Scope.Subtree or Scope.SubtreeOne or Scope.Mailboxes)
        {
            // one-or-more-mailbox = mailbox / "(" mailbox *(SP mailbox) ")"
            r.Space();
            if (r.TryOpen())
            {
                do
                {
                    names.Add(Name(ref r, s));
                    if (names.Count > MaxNames)
                    {
                        throw new ImapSyntaxException($"At most {MaxNames} mailboxes can be named.", "LIMIT") { IsRefusal = true };
                    }
                }
                while (r.TrySpace());
                r.Close();
            }
            else
            {
                names.Add(Name(ref r, s));
            }
        }

        return new MailboxFilter(of, names);
    }

    /// <summary>Never true for the selected mailbox as such: that one goes by the session.</summary>
    public bool Matches(Place place) => Of switch
    {
        Scope.Inboxes => place.Mailbox.SpecialUse == SpecialUse.Inbox,
        Scope.Personal => place.IsOwn,
        Scope.Subscribed => place.Mailbox.Subscribed,
        Scope.Subtree => Names.Any(n => place.Name == n || place.Name.StartsWith(n + "/", StringComparison.Ordinal)),
        Scope.SubtreeOne => Names.Any(n => place.Name == n
            || (place.Name.StartsWith(n + "/", StringComparison.Ordinal) && !place.Name.AsSpan(n.Length + 1).Contains('/'))),
        Scope.Mailboxes => Names.Contains(place.Name),
        _ => false,
    };

    private static string Name(ref ImapReader r, ImapSession s)
    {
        var written = s.MailboxName(r.AString());
        if (written.StartsWith(ImapSession.SharedRoot + "/", StringComparison.Ordinal))
        {
            // Behind the owner's name stands a mailbox name like any other.
            var at = written.IndexOf('/', ImapSession.SharedRoot.Length + 1) + 1;
            return at > 0 && Domain.Mailboxes.MailboxName.Normalize(written[at..]) is { Ok: true, Value: { } there } ? written[..at] + there : written;
        }

        return Domain.Mailboxes.MailboxName.Normalize(written) is { Ok: true, Value: { } normal } ? normal : written;
    }
}
