using SaaS.Domain.Sieve.Syntax;

namespace SaaS.Domain.Sieve.Extensions;

/// <summary>duplicate.</summary>
/// <remarks>RFC 7352; vnd.dovecot.duplicate is its forerunner. Ids are remembered in the transaction that stores the message.</remarks>
internal static class Duplicates
{
    public static SieveCondition Duplicate(SieveCompiler compiler, SyntaxTest test)
    {
        var arguments = new SieveArguments(
            compiler, test, new TagSpec("handle", TagValue.Text), new TagSpec("header", TagValue.Text), new TagSpec("uniqueid", TagValue.Text),
            new TagSpec("seconds", TagValue.Number), new TagSpec("last"));
        arguments.OneOf("header", "uniqueid");
        var handle = arguments.TagText("handle");
        var header = arguments.TagText("header");
        var unique = arguments.TagText("uniqueid");
        var seconds = arguments.TagNumber("seconds");
        var last = arguments.Has("last");
        arguments.End();
        if (header?.Constant is { } constant && !HeaderFields.IsName(constant))
        {
            throw arguments.Wrong(header.Line, $"\"{constant}\" is not the name of a header field");
        }

        return m =>
        {
            var field = header?.Get(m) ?? "Message-ID";
            var id = unique is not null ? unique.Get(m) : m.Content.Fields.FirstOrDefault(f => f.Is(field))?.Plain;
            if (string.IsNullOrEmpty(id))
            {
                return false;
            }

            var key = $"{handle?.Get(m)}\n{(unique is null ? field.ToLowerInvariant() : "")}\n{id}";
            var seen = m.Fact(new SieveFact.Seen(key)) is not null;
            var span = TimeSpan.FromSeconds(Math.Min(seconds ?? (long)TimeSpan.FromDays(7).TotalSeconds, (long)m.Limits.MaxMemory.TotalSeconds));
            if (!seen || last)
            {
                m.Add(new SieveAction.Remember(key, span));
            }

            return seen;
        };
    }
}
