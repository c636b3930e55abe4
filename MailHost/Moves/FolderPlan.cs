using System.Text;
using SaaS.Domain.Mailboxes;

namespace SaaS.MailHost.Moves;

/// <summary>A folder as a source lists it.</summary>
/// <param name="Name">Full name, decoded from modified UTF-7.</param>
/// <param name="Separator">Between its levels; NUL: it has none.</param>
/// <param name="Use">What the source says that it is for (RFC 6154).</param>
/// <param name="Selectable">False: it holds no messages, only folders.</param>
/// <param name="Subscribed">In the user's list.</param>
internal sealed record SourceFolder(string Name, char Separator, SpecialUse Use, bool Selectable, bool Subscribed);

/// <summary>What becomes of it here.</summary>
internal sealed record PlannedFolder(SourceFolder Source, string Target, SpecialUse Use);

/// <summary>
/// Which mailbox stands for which folder. Special folders go to the account's own, whatever both are called; other names stay, with "/" between
/// levels, without the namespace's prefix, and with "_" where a mailbox's name may not have a character. Two folders never share a mailbox
/// unless one of them is special.
/// </summary>
internal static class FolderPlan
{
    // Where a source says nothing of special uses: what widespread programs call them.
    private static readonly (SpecialUse Use, string[] Names)[] Known =
    [
        (SpecialUse.Sent, ["sent", "sent items", "sent messages", "sent mail", "gesendet", "gesendete elemente", "gesendete objekte", "envoyés", "éléments envoyés",
            "enviados", "elementos enviados", "posta inviata", "inviata", "verzonden", "verzonden items", "wysłane", "отправленные"]),
        (SpecialUse.Drafts, ["drafts", "draft", "entwürfe", "brouillons", "borradores", "bozze", "concepten", "rascunhos", "szkice", "черновики"]),
        (SpecialUse.Trash, ["trash", "deleted items", "deleted messages", "bin", "papierkorb", "gelöschte elemente", "gelöschte objekte", "corbeille",
            "éléments supprimés", "papelera", "elementos eliminados", "cestino", "prullenbak", "lixeira", "kosz", "корзина"]),
        (SpecialUse.Junk, ["junk", "spam", "junk e-mail", "junk email", "bulk mail", "junk-e-mail", "spamverdacht", "courrier indésirable", "pourriel",
            "correo no deseado", "posta indesiderata", "ongewenste e-mail", "спам"]),
        (SpecialUse.Archive, ["archive", "archives", "archiv", "archivo", "archivio", "archief", "архив"]),
    ];

    /// <param name="folders">All of the source's personal namespace.</param>
    /// <param name="prefix">The namespace's prefix, without its separator; empty: none.</param>
    /// <param name="mailboxes">What the account has.</param>
    public static List<PlannedFolder> Make(IReadOnlyList<SourceFolder> folders, string prefix, IReadOnlyList<(string Name, SpecialUse Use)> mailboxes)
    {
        var plan = new List<PlannedFolder>();
        var targets = new Dictionary<string, string>(StringComparer.Ordinal);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var uses = new HashSet<SpecialUse>();
        foreach (var folder in folders.OrderBy(f => Levels(f, prefix).Length).ThenBy(f => f.Use == SpecialUse.None).ThenBy(f => f.Name, StringComparer.Ordinal))
        {
            var levels = Levels(folder, prefix);
            if (levels.Length == 0)
            {
                continue;
            }

            var use = levels is [var only] && only.Equals(MailboxName.Inbox, StringComparison.OrdinalIgnoreCase) ? SpecialUse.Inbox
                : folder.Use is not (SpecialUse.None or SpecialUse.Inbox) ? folder.Use
                : levels.Length == 1 && folder.Use == SpecialUse.None ? Guess(levels[0], folders)
                : SpecialUse.None;
            if (use is SpecialUse.Flagged || (use != SpecialUse.None && !uses.Add(use)))
            {
                if (use is SpecialUse.Flagged)
                {
                    // A view of messages that stand elsewhere.
                    continue;
                }

                use = SpecialUse.None;
            }

            var target = use switch
            {
                SpecialUse.Inbox => MailboxName.Inbox,
                // Everything: what stands in no other folder was archived.
                SpecialUse.All => mailboxes.FirstOrDefault(m => m.Use == SpecialUse.Archive).Name ?? "Archive",
                SpecialUse.None => null,
                _ => mailboxes.FirstOrDefault(m => m.Use == use).Name,
            };
            if (target is null)
            {
                var parent = levels.Length > 1 ? Parent(folder, levels, prefix, targets) + "/" : "";
                target = Unique(parent + Clean(levels[^1]), taken);
            }

            targets[string.Join('\0', levels)] = target;
            taken.Add(target);
            if (folder.Selectable)
            {
                plan.Add(new PlannedFolder(folder, target, use));
            }
        }

        // Last: it brings what no other did.
        return [.. plan.OrderBy(p => p.Use == SpecialUse.All)];
    }

    private static string Parent(SourceFolder folder, string[] levels, string prefix, Dictionary<string, string> targets)
    {
        for (var depth = levels.Length - 1; depth > 0; depth--)
        {
            if (targets.TryGetValue(string.Join('\0', levels[..depth]), out var known))
            {
                return string.Join('/', (string[])[known, .. levels[depth..^1].Select(Clean)]);
            }
        }

        return string.Join('/', levels[..^1].Select(Clean));
    }

    private static string[] Levels(SourceFolder folder, string prefix)
    {
        var levels = folder.Separator == '\0' ? [folder.Name] : folder.Name.Split(folder.Separator);
        var above = prefix.Length == 0 ? [] : folder.Separator == '\0' ? [prefix] : prefix.TrimEnd(folder.Separator).Split(folder.Separator);
        return above.Length > 0 && levels.Length > above.Length && levels.AsSpan(0, above.Length).SequenceEqual(above) ? levels[above.Length..]
            : [.. levels.Where((l, i) => l.Length > 0 || i == 0)];
    }

    private static SpecialUse Guess(string name, IReadOnlyList<SourceFolder> folders)
    {
        var plain = name.Normalize(NormalizationForm.FormC).ToLowerInvariant();
        foreach (var (use, names) in Known)
        {
            if (names.Contains(plain, StringComparer.Ordinal))
            {
                return folders.Any(f => f.Use == use) ? SpecialUse.None : use;
            }
        }

        return SpecialUse.None;
    }

    private static string Unique(string wanted, HashSet<string> taken)
    {
        var name = wanted;
        for (var n = 2; taken.Contains(name) || name.Equals(MailboxName.Inbox, StringComparison.OrdinalIgnoreCase); n++)
        {
            name = $"{wanted} ({n})";
        }

        return name;
    }

    /// <summary>One level as <see cref="MailboxName"/> takes it.</summary>
    private static string Clean(string level)
    {
        var text = new StringBuilder(level.Length);
        foreach (var rune in level.EnumerateRunes())
        {
            // What is half a character comes as U+FFFD.
            text.Append(Rune.IsControl(rune) || rune.Value is '%' or '*' or '/' or '\u2028' or '\u2029' ? "_" : rune.ToString());
        }

        var name = text.ToString().Normalize(NormalizationForm.FormC).Trim();
        return name is "" or "." or ".." ? "_" : name;
    }
}
