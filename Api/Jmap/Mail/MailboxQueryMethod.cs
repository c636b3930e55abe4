using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;

namespace SaaS.Api.Jmap.Mail;

/// <summary>RFC 8621 §2.3. An account has 1500 mailboxes at most: all are read and filtered here.</summary>
internal sealed class MailboxQueryMethod(MailboxService mailboxes, EmailQueryService queries, IOptions<JmapOptions> options) : JmapMethod
{
    public override string Name => "Mailbox/query";

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var state = await queries.StateAsync(call.Account, ct);
        var all = await mailboxes.ListAsync(call.Account, ct);
        var ids = Find(all, call.Arguments).Select(m => JmapIds.Of(m.Id)).ToList();
        return QueryWindow.Response(call, state.ToString(), ids, options.Value.MaxQueryResults, canCalculate: true);
    }

    public static IEnumerable<Mailbox> Find(IReadOnlyList<Mailbox> all, JmapArguments arguments)
    {
        var filter = arguments.OptionalObject("filter");
        var matching = all.Where(m => filter is null || Matches(filter, m, all)).ToList();
        matching.Sort(Order(arguments.OptionalArray("sort")));
        if (arguments.Bool("filterAsTree"))
        {
            matching = [.. matching.Where(m => Ancestors(m, all).All(matching.Contains))];
        }

        if (arguments.Bool("sortAsTree"))
        {
            var sorted = new List<Mailbox>();
            void Add(string? parent)
            {
                foreach (var m in matching.Where(m => MailboxJson.ParentPath(m.Name) == parent))
                {
                    sorted.Add(m);
                    Add(m.Name);
                }
            }

            Add(null);
            sorted.AddRange(matching.Except(sorted).ToList());
            matching = sorted;
        }

        return matching;
    }

    private static IEnumerable<Mailbox> Ancestors(Mailbox mailbox, IReadOnlyList<Mailbox> all)
    {
        for (var m = MailboxJson.ParentOf(mailbox, all); m is not null; m = MailboxJson.ParentOf(m, all))
        {
            yield return m;
        }
    }

    private static bool Matches(JsonObject filter, Mailbox m, IReadOnlyList<Mailbox> all)
    {
        var read = new JmapArguments(filter);
        if (read.OptionalString("operator") is { } op)
        {
            var parts = (read.OptionalArray("conditions") ?? throw MethodException.Invalid("conditions is missing."))
                .Select(c => Matches(c as JsonObject ?? throw JmapArguments.Wrong("conditions"), m, all));
            return op switch
            {
                "AND" => parts.All(p => p),
                "OR" => parts.Any(p => p),
                "NOT" => !parts.Any(p => p),
                _ => throw MethodException.Invalid("The operator is AND, OR or NOT."),
            };
        }

        foreach (var (name, _) in filter)
        {
            var holds = name switch
            {
                "parentId" => (MailboxJson.ParentOf(m, all) is { } parent ? JmapIds.Of(parent.Id) : null) == read.OptionalString(name),
                "name" => MailboxJson.LeafOf(m.Name).Contains(read.String(name), StringComparison.OrdinalIgnoreCase),
                "role" => MailboxJson.RoleOf(m.SpecialUse) == read.OptionalString(name),
                "hasAnyRole" => (m.SpecialUse != SpecialUse.None) == read.Bool(name),
                "isSubscribed" => m.Subscribed == read.Bool(name),
                _ => throw new MethodException("unsupportedFilter", $"Unknown condition: {name}"),
            };
            if (!holds)
            {
                return false;
            }
        }

        return true;
    }

    private static Comparison<Mailbox> Order(JsonArray? sort)
    {
        var keys = new List<(string Property, int Sign)>();
        foreach (var item in sort ?? [])
        {
            var read = new JmapArguments(item as JsonObject ?? throw JmapArguments.Wrong("sort"));
            var property = read.String("property");
            keys.Add((property is "sortOrder" or "name" ? property : throw new MethodException("unsupportedSort"), read.Bool("isAscending", true) ? 1 : -1));
        }

        return (a, b) =>
        {
            foreach (var (property, sign) in keys)
            {
                var order = property == "name" ? string.Compare(a.Name, b.Name, StringComparison.OrdinalIgnoreCase) : a.SortOrder.CompareTo(b.SortOrder);
                if (order != 0)
                {
                    return order * sign;
                }
            }

            return a.Id.Value.CompareTo(b.Id.Value);
        };
    }
}
