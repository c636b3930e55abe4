using SaaS.Domain.Mailboxes;
using SaaS.Domain.Sharing;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>GETMETADATA: annotations of a mailbox, or with "" of the account.</summary>
/// <remarks>RFC 5464 §4.2.</remarks>
internal sealed class GetMetadataCommand(AnnotationStore annotations) : ImapCommand<GetMetadataCommand.Args>
{
    private const int MaxEntries = 100;

    /// <param name="Depth">0, 1 or int.MaxValue for infinity.</param>
    internal sealed record Args(string Name, IReadOnlyList<string> Entries, long MaxSize, int Depth);

    public override CommandInfo Info { get; } = new("GETMETADATA") { States = ImapStates.SignedIn, Capabilities = ["METADATA"] };

    // getmetadata = "GETMETADATA" [SP getmetadata-options] SP mailbox SP entries
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        var (maxSize, depth) = ParseOptions(ref r);
        var name = s.MailboxName(r.AString());
        r.Space();

        // Written behind the name too, as RFC 5464's own examples have it.
        if (r.Next == '(' && LooksLikeOptions(r))
        {
            (maxSize, depth) = ParseOptions(ref r);
        }

        return new Args(name, ParseEntries(ref r), maxSize, depth);
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        var name = a.Name;
        IReadOnlyList<Annotation> all;
        if (name.Length > 0)
        {
            if (await s.FindAsync(name, ct) is not { } place)
            {
                return ImapResult.NoMailbox;
            }

            if (!MayRead(place))
            {
                return ImapResult.NoPermission;
            }

            name = place.Name;
            all = await ReadAsync(annotations, place, ct);
        }
        else
        {
            all = await annotations.ListAsync(s.Account, default, ct);
        }

        var longest = Write(s, name, a.Entries, all, a.Depth, a.MaxSize);
        return longest > a.MaxSize ? ImapResult.OkWith($"METADATA LONGENTRIES {longest}", "Some were too long.") : ImapResult.Ok;
    }

    /// <summary>RFC 5464 §3.3: "l", and one of the rights that let somebody use the mailbox.</summary>
    public static bool MayRead(Place place) => place.IsMailbox && place.Rights.HasAny(
        MailboxRights.Read | MailboxRights.Seen | MailboxRights.Write | MailboxRights.Insert | MailboxRights.Post);

    /// <summary>Private annotations of somebody else's mailbox are that somebody's.</summary>
    public static async ValueTask<IReadOnlyList<Annotation>> ReadAsync(AnnotationStore annotations, Place place, CancellationToken ct)
    {
        var all = await annotations.ListAsync(place.Account, place.Mailbox.Id, ct);
        return place.Shared is null ? all : [.. all.Where(x => x.Entry.StartsWith("/shared", StringComparison.Ordinal))];
    }

    /// <summary>* METADATA "name" (entry value ...). Returns the size of the longest that was left out.</summary>
    public static long Write(
        ImapSession s, string name, IReadOnlyList<string> entries, IReadOnlyList<Annotation> all, int depth, long maxSize)
    {
        var longest = 0L;
        var any = false;
        var told = new HashSet<string>(StringComparer.Ordinal);
        var w = s.Out;
        void Tell(string entry, byte[]? value)
        {
            if (!told.Add(entry))
            {
                return;
            }

            w.Raw(any ? " "u8 : "* METADATA "u8);
            if (!any)
            {
                w.Mailbox(name).Raw(" ("u8);
            }

            any = true;
            w.String(entry).Space();
            if (value is null)
            {
                w.Raw("NIL"u8);
            }
            else if (value.AsSpan().Contains((byte)0))
            {
                // literal8 = "~{" number "}" CRLF *OCTET
                w.Byte((byte)'~').Literal(value);
            }
            else
            {
                w.String(value);
            }
        }

        foreach (var entry in entries)
        {
            var here = all.FirstOrDefault(x => x.Entry == entry);
            if (depth == 0 && here is null)
            {
                Tell(entry, null);
            }

            foreach (var x in all.Where(x => x.Entry == entry || (depth > 0 && IsBelow(x.Entry, entry, depth))))
            {
                if (x.Value.Length > maxSize)
                {
                    longest = Math.Max(longest, x.Value.Length);
                }
                else
                {
                    Tell(x.Entry, x.Value);
                }
            }
        }

        if (any)
        {
            w.Raw(")\r\n"u8);
        }

        return longest;
    }

    // entries = entry / "(" entry *(SP entry) ")"
    public static List<string> ParseEntries(ref ImapReader r)
    {
        var entries = new List<string>();
        if (!r.TryOpen())
        {
            entries.Add(ParseEntry(ref r));
            return entries;
        }

        do
        {
            entries.Add(ParseEntry(ref r));
            if (entries.Count > MaxEntries)
            {
                ImapReader.Fail("Too many entries.");
            }
        }
        while (r.TrySpace());
        r.Close();
        return entries;
    }

    // entry = astring; slash-separated path, "/private/..." or "/shared/...", no "*", "%" or "//", no "/" at the end   RFC 5464 §5
    public static string ParseEntry(ref ImapReader r)
    {
        var entry = r.AString().ToLowerInvariant();
        if (!AnnotationStore.IsEntry(entry))
        {
            ImapReader.Fail("Not an entry name.");
        }

        return entry;
    }

    private static bool IsBelow(string entry, string above, int depth) =>
        entry.Length > above.Length + 1 && entry.StartsWith(above, StringComparison.Ordinal) && entry[above.Length] == '/'
        && (depth > 1 || !entry.AsSpan(above.Length + 1).Contains('/'));

    private static bool LooksLikeOptions(ImapReader r)
    {
        r.Open();
        return r.TryKeyword("MAXSIZE"u8) || r.TryKeyword("DEPTH"u8);
    }

    // getmetadata-options = "(" getmetadata-option *(SP getmetadata-option) ")"
    private static (long MaxSize, int Depth) ParseOptions(ref ImapReader r)
    {
        var maxSize = long.MaxValue;
        var depth = 0;
        if (!r.TryOpen())
        {
            return (maxSize, depth);
        }

        do
        {
            switch (r.Keyword())
            {
                case "MAXSIZE":
                    r.Space();
                    maxSize = r.Number();
                    break;
                case "DEPTH":
                    r.Space();
                    depth = r.Keyword() switch
                    {
                        "0" => 0,
                        "1" => 1,
                        "INFINITY" => int.MaxValue,
                        _ => throw new ImapSyntaxException("DEPTH is 0, 1 or infinity."),
                    };
                    break;
                default:
                    ImapReader.Fail("Unknown option.");
                    break;
            }
        }
        while (r.TrySpace());
        r.Close();
        r.Space();
        return (maxSize, depth);
    }
}
