using SaaS.Domain.Messages;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Moves.Import;

/// <summary>A folder of a Maildir: where its files are and what it is called, levels joined by "/".</summary>
internal sealed record MaildirFolder(string Path, string Name, bool Subscribed);

/// <summary>
/// Maildir and Maildir++ (folders as ".Name.Sub" beside cur and new) as Dovecot and Courier write them, with names in modified UTF-7 or UTF-8,
/// subscriptions and keywords. Links are not followed: what a user put there must not lead to other people's files.
/// </summary>
internal static class MaildirReader
{
    public static List<MaildirFolder> Folders(string root)
    {
        if (!IsMaildir(root))
        {
            throw new MoveFailedException($"{root} is no Maildir: it has no folders cur and new.");
        }

        var subscribed = Subscriptions(root);
        var folders = new List<MaildirFolder> { new(root, "INBOX", true) };
        foreach (var path in Directory.EnumerateDirectories(root, ".*").Order(StringComparer.Ordinal))
        {
            var raw = Path.GetFileName(path)[1..];
            if (raw.Length > 0 && IsMaildir(path))
            {
                var name = string.Join('/', raw.Split('.').Select(Decode));
                folders.Add(new MaildirFolder(path, name, subscribed is null || subscribed.Contains(name)));
            }
        }

        return folders;
    }

    /// <summary>Files of a folder, oldest first by name, new mail after what was seen.</summary>
    public static IEnumerable<FileInfo> Files(MaildirFolder folder) => ((string[])["cur", "new"])
        .SelectMany(part => new DirectoryInfo(Path.Combine(folder.Path, part)).EnumerateFiles().OrderBy(f => f.Name, StringComparer.Ordinal))
        .Where(f => f.LinkTarget is null && f.Name[0] != '.');

    /// <summary>What of the name stays when flags change.</summary>
    public static string BaseName(string name) => name.IndexOf(':', StringComparison.Ordinal) is var at and >= 0 ? name[..at] : name;

    /// <summary>The letters behind ":2,"; a to z stand for the keywords of the folder.</summary>
    public static SourceFlags Flags(string name, IReadOnlyList<string> keywords)
    {
        var at = name.IndexOf(":2,", StringComparison.Ordinal);
        var flags = MessageFlags.None;
        var words = new List<string>();
        foreach (var c in at < 0 ? "" : name[(at + 3)..])
        {
            flags |= c switch
            {
                'S' => MessageFlags.Seen,
                'R' => MessageFlags.Answered,
                'F' => MessageFlags.Flagged,
                'T' => MessageFlags.Deleted,
                'D' => MessageFlags.Draft,
                'P' => MessageFlags.Forwarded,
                _ => MessageFlags.None,
            };
            if (c is >= 'a' and <= 'z' && c - 'a' < keywords.Count)
            {
                words.Add(keywords[c - 'a']);
            }
        }

        return SourceFlags.Of(flags, words.Where(w => w.Length > 0));
    }

    /// <summary>dovecot-keywords: a line "number name" each.</summary>
    public static IReadOnlyList<string> Keywords(MaildirFolder folder)
    {
        var names = new string[26];
        Array.Fill(names, "");
        var file = new FileInfo(Path.Combine(folder.Path, "dovecot-keywords"));
        if (file is { Exists: true, LinkTarget: null, Length: < 64 * 1024 })
        {
            foreach (var words in File.ReadLines(file.FullName).Select(l => l.Split(' ', 2)))
            {
                if (words.Length == 2 && int.TryParse(words[0], System.Globalization.CultureInfo.InvariantCulture, out var n) && n is >= 0 and < 26)
                {
                    names[n] = words[1].Trim();
                }
            }
        }

        return names;
    }

    private static bool IsMaildir(string path) =>
        new DirectoryInfo(path).LinkTarget is null && Directory.Exists(Path.Combine(path, "cur")) && Directory.Exists(Path.Combine(path, "new"));

    /// <summary>Null: there is no list.</summary>
    private static HashSet<string>? Subscriptions(string root)
    {
        foreach (var candidate in (string[])["subscriptions", "courierimapsubscribed"])
        {
            var file = new FileInfo(Path.Combine(root, candidate));
            if (file is not { Exists: true, LinkTarget: null, Length: < 4 * 1024 * 1024 })
            {
                continue;
            }

            var lines = File.ReadAllLines(file.FullName);
            var tabs = lines is ["V\t2", ..];
            return [.. lines.Skip(tabs ? 1 : 0).Where(l => l.Length > 0)
                .Select(l => (l.StartsWith("INBOX.", StringComparison.Ordinal) ? l[6..] : l).Split(tabs ? '\t' : '.'))
                .Select(levels => string.Join('/', levels.Select(Decode)))];
        }

        return null;
    }

    private static string Decode(string level) => ModifiedUtf7.Decode(level) ?? level;
}
