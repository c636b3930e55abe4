using System.Text;
using SaaS.Domain.Common;

namespace SaaS.Domain.Mailboxes;

/// <summary>The one rule of what a mailbox may be called.</summary>
public static class MailboxName
{
    public const string Inbox = "INBOX";

    /// <summary>Above the mailboxes of others, each under its owner's address.</summary>
    public const string Shared = "Shared";

    /// <summary>NFC, INBOX in upper case as first level; refuses empty levels, controls, wildcards, and what is too long or too deep.</summary>
    public static Outcome<string> Normalize(string name)
    {
        string text;
        try
        {
            text = name.Normalize(NormalizationForm.FormC);
        }
        catch (ArgumentException)
        {
            return Refusal.Invalid("name", "The name is not valid Unicode.");
        }

        if (text.EndsWith('/'))
        {
            // A client that means "this will have children" (RFC 9051 §6.3.4).
            text = text[..^1];
        }

        if (text.Length is 0 or > MailboxService.MaxNameLength)
        {
            return Refusal.Invalid("name", $"A mailbox name has 1 to {MailboxService.MaxNameLength} characters.");
        }

        var levels = text.Split('/');
        if (levels.Length > MailboxService.MaxDepth)
        {
            return Refusal.Invalid("name", $"Mailboxes can be {MailboxService.MaxDepth} levels deep.");
        }

        foreach (var level in levels)
        {
            if (level.Length == 0 || level is "." or ".." || level != level.Trim() || level.Any(c => char.IsControl(c) || c is '%' or '*' or '\u2028' or '\u2029'))
            {
                return Refusal.Invalid("name", "The name has an empty level, a space at an end of one, a control character, % or *.");
            }
        }

        if (levels.Length > 1 && levels[0] == Shared && levels[1].Contains('@', StringComparison.Ordinal))
        {
            return Refusal.Invalid("name", "Under this name stands what others share.");
        }

        if (levels[0].Equals(Inbox, StringComparison.OrdinalIgnoreCase))
        {
            levels[0] = Inbox;
        }

        return string.Join('/', levels);
    }

    /// <summary>The names above it, widest first.</summary>
    public static IEnumerable<string> Parents(string name)
    {
        for (var at = name.IndexOf('/', StringComparison.Ordinal); at > 0; at = name.IndexOf('/', at + 1))
        {
            yield return name[..at];
        }
    }
}
