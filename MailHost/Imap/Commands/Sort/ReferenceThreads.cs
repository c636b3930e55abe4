namespace SaaS.MailHost.Imap.Commands.Sort;

/// <summary>A message in its conversation; without message, one that others refer to and that is not there.</summary>
internal sealed class ThreadNode(Sortable? message)
{
    public Sortable? Message { get; } = message;

    public ThreadNode? Parent { get; private set; }

    public List<ThreadNode> Children { get; } = [];

    /// <summary>A message that is not there counts as old as the first that hangs on it (RFC 5256 §4 step 4).</summary>
    public Sortable? Oldest => Message ?? (Children.Count > 0 ? Children[0].Oldest : null);

    public void Attach(ThreadNode parent)
    {
        Parent?.Children.Remove(this);
        Parent = parent;
        parent.Children.Add(this);
    }

    public void Detach()
    {
        Parent?.Children.Remove(this);
        Parent = null;
    }

    /// <summary>Takes the children away without touching this node's own list of them again.</summary>
    public List<ThreadNode> TakeChildren()
    {
        var all = Children.ToList();
        Children.Clear();
        foreach (var child in all)
        {
            child.Parent = null;
        }

        return all;
    }
}

/// <summary>THREAD=REFERENCES: by References and In-Reply-To first, then by subject where they say nothing.</summary>
/// <remarks>RFC 5256 §4, step by step. A chain of more than <see cref="MaxDepth"/> messages is cut, so that no sender can make it dear.</remarks>
internal static class ReferenceThreads
{
    public const int MaxDepth = 1000;

    public static List<ThreadNode> Of(List<Sortable> messages)
    {
        var nodes = Link(messages);
        var roots = nodes.Where(n => n.Parent is null).ToList();
        roots = Prune(roots);
        Sort(roots);
        roots = GatherBySubject(roots);
        foreach (var root in roots)
        {
            SortBelow(root);
        }

        Sort(roots);
        return roots;
    }

    // Steps 1 and 2.
    private static List<ThreadNode> Link(List<Sortable> messages)
    {
        var byId = new Dictionary<string, ThreadNode>(StringComparer.Ordinal);
        var own = new ThreadNode[messages.Count];
        for (var i = 0; i < messages.Count; i++)
        {
            own[i] = new ThreadNode(messages[i]);
            if (messages[i].MessageId is { } id)
            {
                // The second with an id that is taken stands for itself.
                byId.TryAdd(id, own[i]);
            }
        }

        var all = own.ToList();
        for (var i = 0; i < messages.Count; i++)
        {
            ThreadNode? before = null;
            foreach (var id in messages[i].References)
            {
                if (!byId.TryGetValue(id, out var node))
                {
                    node = new ThreadNode(null);
                    byId[id] = node;
                    all.Add(node);
                }

                // A link that is there stays (step 1.A).
                if (before is not null && node.Parent is null && node != before && MayHang(node, before))
                {
                    node.Attach(before);
                }

                before = node;
            }

            // Step 1.B: what the message says of itself counts more than what others said.
            if (before is not null && before != own[i] && before != own[i].Parent)
            {
                own[i].Detach();
                if (MayHang(own[i], before))
                {
                    own[i].Attach(before);
                }
            }
            else if (before is null)
            {
                own[i].Detach();
            }
        }

        return all;
    }

    private static bool MayHang(ThreadNode child, ThreadNode parent)
    {
        var steps = 0;
        for (var at = parent; at is not null; at = at.Parent)
        {
            if (at == child || ++steps > MaxDepth)
            {
                return false;
            }
        }

        return true;
    }

    // Step 3: those that are not there go, their children move up; at the top only where it is one.
    private static List<ThreadNode> Prune(List<ThreadNode> roots)
    {
        var order = new List<ThreadNode>();
        var open = new Stack<ThreadNode>(roots);
        while (open.TryPop(out var node))
        {
            order.Add(node);
            foreach (var child in node.Children)
            {
                open.Push(child);
            }
        }

        // From the leaves up.
        for (var i = order.Count - 1; i >= 0; i--)
        {
            var node = order[i];
            if (node.Message is null && node.Parent is { } parent)
            {
                node.Detach();
                foreach (var child in node.TakeChildren())
                {
                    child.Attach(parent);
                }
            }
        }

        var kept = new List<ThreadNode>(roots.Count);
        foreach (var root in roots)
        {
            if (root.Message is not null || root.Children.Count > 1)
            {
                kept.Add(root);
            }
            else if (root.Children.Count == 1)
            {
                kept.AddRange(root.TakeChildren());
            }
        }

        return kept;
    }

    // Step 5.
    private static List<ThreadNode> GatherBySubject(List<ThreadNode> roots)
    {
        foreach (var root in roots.Where(r => r.Message is null))
        {
            Sort(root.Children);
        }

        var table = new Dictionary<string, ThreadNode>(StringComparer.Ordinal);
        foreach (var root in roots)
        {
            var subject = SubjectOf(root);
            if (subject.Length == 0)
            {
                continue;
            }

            // A message that is not there goes before one that is, and one that is no reply before a reply.
            if (!table.TryGetValue(subject, out var known)
                || (root.Message is null && known.Message is not null)
                || (known.Message is { IsReply: true } && root.Message is { IsReply: false }))
            {
                table[subject] = root;
            }
        }

        var kept = new List<ThreadNode>(roots.Count);
        var replaced = new Dictionary<ThreadNode, ThreadNode>();
        foreach (var root in roots)
        {
            var subject = SubjectOf(root);
            if (subject.Length == 0 || table[subject] == root)
            {
                kept.Add(root);
                continue;
            }

            var other = table[subject];
            if (root.Message is null && other.Message is null)
            {
                foreach (var child in root.TakeChildren())
                {
                    child.Attach(other);
                }
            }
            else if (other.Message is null || (root.Message is { IsReply: true } && other.Message is { IsReply: false }))
            {
                root.Attach(other);
            }
            else
            {
                // Neither is the other's answer: both hang on one that is not there.
                var joint = new ThreadNode(null);
                replaced[other] = joint;
                table[subject] = joint;
                other.Attach(joint);
                root.Attach(joint);
            }
        }

        return replaced.Count == 0 ? kept : [.. kept.Select(r => replaced.GetValueOrDefault(r, r))];
    }

    private static string SubjectOf(ThreadNode root) => root.Oldest?.Subject ?? "";

    // Step 6, from the leaves up: what is not there is as old as its first child.
    private static void SortBelow(ThreadNode root)
    {
        var order = new List<ThreadNode>();
        var open = new Stack<ThreadNode>();
        open.Push(root);
        while (open.TryPop(out var node))
        {
            order.Add(node);
            foreach (var child in node.Children)
            {
                open.Push(child);
            }
        }

        for (var i = order.Count - 1; i >= 0; i--)
        {
            Sort(order[i].Children);
        }
    }

    private static void Sort(List<ThreadNode> nodes) => nodes.Sort(static (a, b) =>
    {
        var (x, y) = (a.Oldest, b.Oldest);
        var sign = (x?.Sent ?? 0).CompareTo(y?.Sent ?? 0);
        return sign != 0 ? sign : (x?.Uid ?? 0).CompareTo(y?.Uid ?? 0);
    });
}
