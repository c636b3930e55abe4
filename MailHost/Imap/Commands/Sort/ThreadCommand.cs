using SaaS.Domain.Messages;
using SaaS.MailHost.Imap.Commands.Search;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands.Sort;

/// <summary>THREAD: what a search finds, as conversations.</summary>
/// <remarks>RFC 5256 §3, algorithms §4.</remarks>
internal sealed class ThreadCommand(MailboxReader reader, MailboxIndexCache indexes, SearchEvaluator evaluator) : ImapCommand<ThreadCommand.Args>
{
    internal sealed record Args(bool ByReferences, SearchKey Key);

    private readonly EnvelopeFacts _facts = new(reader);

    public override CommandInfo Info { get; } = new("THREAD")
    {
        States = ImapStates.Selected,
        Sequences = SequenceUse.Numbers,
        AllowsUid = true,
        Capabilities = ["THREAD=ORDEREDSUBJECT", "THREAD=REFERENCES"],
    };

    // thread = ["UID" SP] "THREAD" SP thread-alg SP search-criteria
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        var byReferences = r.Keyword() switch
        {
            "REFERENCES" => true,
            "ORDEREDSUBJECT" => false,
            _ => throw new ImapSyntaxException("Unknown threading algorithm."),
        };
        r.Space();
        SearchCommand.ParseCharset(ref r, s, required: true);
        return new Args(byReferences, SearchCommand.ParseProgram(ref r, s));
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        var found = await SearchCommand.FindAsync(s, indexes, evaluator, a.Key, ct);
        var parts = EnvelopeParts.Date | EnvelopeParts.Subject | (a.ByReferences ? EnvelopeParts.Ids : EnvelopeParts.None);
        var messages = await _facts.ReadAsync(s.Mailbox.Account, found, parts, s.TellProgressAsync, ct);
        if (!s.UseUid)
        {
            messages.RemoveAll(m => s.Mailbox.View.SeqOf(m.Uid) == 0);
        }

        var threads = a.ByReferences ? ReferenceThreads.Of(messages) : SubjectThreads(messages);
        s.Out.Raw("* THREAD"u8);
        if (threads.Count > 0)
        {
            s.Out.Space();
            foreach (var thread in threads)
            {
                Write(s, thread);
                await s.FlushIfLargeAsync(ct);
            }
        }

        s.Out.Line();
        return ImapResult.Ok;
    }

    /// <summary>Those of one base subject hang below the oldest of them; threads by the date of their first message (RFC 5256 §4, ORDEREDSUBJECT).</summary>
    private static List<ThreadNode> SubjectThreads(List<Sortable> messages) =>
    [
        .. messages.GroupBy(m => m.Subject, StringComparer.Ordinal)
            .Select(g =>
            {
                var inOrder = g.OrderBy(m => m.Sent).ThenBy(m => m.Uid).ToList();
                var first = new ThreadNode(inOrder[0]);
                first.Children.AddRange(inOrder.Skip(1).Select(m => new ThreadNode(m)));
                return first;
            })
            .OrderBy(t => t.Message!.Sent).ThenBy(t => t.Message!.Uid),
    ];

    // thread-list = "(" (thread-members / thread-nested) ")";  thread-members = nz-number *(SP nz-number) [SP thread-nested]
    // Written with a stack of our own: a conversation may be deeper than the thread's.
    private static void Write(ImapSession s, ThreadNode root)
    {
        var w = s.Out;
        var open = new Stack<(List<ThreadNode> Children, int Next)>();
        w.Byte((byte)'(');
        var node = root;
        var first = true;
        while (true)
        {
            while (true)
            {
                if (node.Message is { } message)
                {
                    if (!first)
                    {
                        w.Space();
                    }

                    first = false;
                    w.Number(s.UseUid ? message.Uid : s.Mailbox.View.SeqOf(message.Uid));
                }

                if (node.Children.Count != 1)
                {
                    break;
                }

                node = node.Children[0];
            }

            if (node.Children.Count > 1)
            {
                if (!first)
                {
                    w.Space();
                }

                open.Push((node.Children, 0));
            }
            else
            {
                w.Byte((byte)')');
            }

            // The next branch of the innermost fork; forks that are through close with the thread that they end.
            while (open.Count > 0 && open.Peek().Next == open.Peek().Children.Count)
            {
                open.Pop();
                w.Byte((byte)')');
            }

            if (open.Count == 0)
            {
                return;
            }

            var (children, next) = open.Pop();
            open.Push((children, next + 1));
            node = children[next];
            w.Byte((byte)'(');
            first = true;
        }
    }
}
