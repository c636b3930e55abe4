using System.Globalization;

namespace SaaS.MailHost.MailAuth.Arc;

/// <summary>One hop's three fields.</summary>
internal sealed record ArcSet(int Instance, MessageField Results, MessageField Signature, MessageField Seal, TagList SealTags);

/// <summary>The ARC sets of a message, in order, or why they are no chain.</summary>
/// <remarks>RFC 8617 §5.2, steps 1 to 3.</remarks>
internal sealed record ArcChain(IReadOnlyList<ArcSet> Sets, string? Fault)
{
    /// <summary>RFC 8617 §5: more instances fail.</summary>
    public const int MaxInstances = 50;

    private const int MaxField = 64 * 1024;

    /// <summary>The highest instance that any field claims, whether the chain holds or not.</summary>
    public int Highest { get; private init; }

    public bool IsEmpty => Sets.Count == 0 && Fault is null;

    public static ArcChain Read(MessageHeader header)
    {
        var highest = 0;
        ArcChain Broken(string fault) => new([], fault) { Highest = highest };
        var found = new Dictionary<(string Name, int Instance), MessageField>();
        string? fault = null;
        foreach (var field in header.Fields.Where(f => f.Name is "arc-authentication-results" or "arc-message-signature" or "arc-seal"))
        {
            var instance = Instance(field);
            highest = Math.Max(highest, instance ?? 0);
            fault ??= instance is null ? $"a {field.Name} field without a sound i="
                : found.TryAdd((field.Name, instance.Value), field) ? null
                : $"two {field.Name} fields with i={instance}";
            if (fault is not null && highest >= MaxInstances)
            {
                break;
            }
        }

        if (fault is not null)
        {
            return Broken(fault);
        }

        var sets = new List<ArcSet>(highest);
        for (var i = 1; i <= highest; i++)
        {
            if (!found.TryGetValue(("arc-authentication-results", i), out var results) || !found.TryGetValue(("arc-message-signature", i), out var signature)
                || !found.TryGetValue(("arc-seal", i), out var seal))
            {
                return Broken($"the set i={i} is not whole");
            }

            if (!TagList.TryParse(seal.Value, out var tags))
            {
                return Broken($"the seal i={i} is not in the grammar");
            }

            sets.Add(new ArcSet(i, results, signature, seal, tags));
        }

        foreach (var set in sets)
        {
            var cv = set.SealTags["cv"]?.ToLowerInvariant();
            if (cv == "fail" || cv != (set.Instance == 1 ? "none" : "pass"))
            {
                // RFC 8617 §5.2 step 2 and 3.
                var broken = Broken(cv == "fail" ? $"the chain failed at i={set.Instance} already" : $"cv= of i={set.Instance} is not what it can be");
                return broken with { Sets = sets };
            }
        }

        return new ArcChain(sets, null) { Highest = highest };
    }

    private static int? Instance(MessageField field)
    {
        if (field.Raw.Length > MaxField)
        {
            return null;
        }

        // i= stands first in ARC-Authentication-Results, whose rest is no tag list.
        var value = field.Name == "arc-authentication-results"
            ? field.Value.Split(';', 2)[0].Split('=', 2) is [var name, var number] && name.Trim(' ', '\t', '\r', '\n') == "i" ? number : null
            : TagList.TryParse(field.Value, out var tags) ? tags["i"] : null;
        return int.TryParse(value?.Trim(' ', '\t', '\r', '\n'), NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n is >= 1 and <= MaxInstances ? n : null;
    }
}
