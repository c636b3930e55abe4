using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using SaaS.Api.Jmap.Mail;
using SaaS.Client.Jmap;
using SaaS.Domain.Messages;
using SaaS.Domain.Submissions;

namespace SaaS.Api.Jmap.Submission;

/// <summary>RFC 8621 §7.3.</summary>
internal sealed class SubmissionQueryMethod(SubmissionService submissions, EmailQueryService queries, IOptions<JmapOptions> options) : JmapMethod
{
    public override string Name => "EmailSubmission/query";

    public override string Capability => JmapCapability.Submission;

    public override bool Sends => true;

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var state = await queries.StateAsync(call.Account, ct);
        var all = await submissions.AllAsync(call.Account, ct);
        return QueryWindow.Response(
            call, state.ToString(), [.. Find(all, call.Arguments).Select(s => JmapIds.OfSubmission(s.Id))], options.Value.MaxQueryResults,
            canCalculate: true);
    }

    public static List<Domain.Submissions.EmailSubmission> Find(IReadOnlyList<Domain.Submissions.EmailSubmission> all, JmapArguments arguments)
    {
        var filter = arguments.OptionalObject("filter");
        var found = all.Where(s => filter is null || Matches(filter, s)).ToList();
        found.Sort(Order(arguments.OptionalArray("sort")));
        return found;
    }

    private static bool Matches(JsonObject filter, Domain.Submissions.EmailSubmission s)
    {
        var read = new JmapArguments(filter);
        if (read.OptionalString("operator") is { } op)
        {
            var parts = (read.OptionalArray("conditions") ?? throw MethodException.Invalid("conditions is missing."))
                .Select(c => Matches(c as JsonObject ?? throw JmapArguments.Wrong("conditions"), s));
            return op switch
            {
                "AND" => parts.All(p => p),
                "OR" => parts.Any(p => p),
                "NOT" => !parts.Any(p => p),
                _ => throw MethodException.Invalid("The operator is AND, OR or NOT."),
            };
        }

        bool Listed(string name, string id) => read.OptionalStrings(name)?.Contains(id, StringComparer.Ordinal) == true;
        return filter.Select(f => f.Key).All(name => name switch
        {
            "identityIds" => Listed(name, JmapIds.OfIdentity(s.IdentityId)),
            "emailIds" => Listed(name, JmapIds.Of(s.MessageId)),
            "threadIds" => Listed(name, JmapIds.Of(s.ThreadId)),
            "undoStatus" => read.String(name) == SubmissionJson.UndoStatusOf(s),
            "before" => s.SendAt < new Values(filter).Date(name),
            "after" => s.SendAt >= new Values(filter).Date(name),
            _ => throw new MethodException("unsupportedFilter", $"Unknown condition: {name}"),
        });
    }

    private static Comparison<Domain.Submissions.EmailSubmission> Order(JsonArray? sort)
    {
        var keys = new List<(string Property, int Sign)>();
        foreach (var item in sort ?? [])
        {
            var read = new JmapArguments(item as JsonObject ?? throw JmapArguments.Wrong("sort"));
            var property = read.String("property");
            keys.Add((property is "emailId" or "threadId" or "sentAt" or "sendAt" ? property : throw new MethodException("unsupportedSort"),
                read.Bool("isAscending", true) ? 1 : -1));
        }

        return (a, b) =>
        {
            foreach (var (property, sign) in keys)
            {
                var order = property switch
                {
                    "emailId" => a.MessageId.Value.CompareTo(b.MessageId.Value),
                    "threadId" => a.ThreadId.Value.CompareTo(b.ThreadId.Value),
                    _ => a.SendAt.CompareTo(b.SendAt),
                };
                if (order != 0)
                {
                    return order * sign;
                }
            }

            return b.Id.CompareTo(a.Id);
        };
    }
}
