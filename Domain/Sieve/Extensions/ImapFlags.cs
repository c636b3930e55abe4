using SaaS.Domain.Sieve.Matching;
using SaaS.Domain.Sieve.Syntax;

namespace SaaS.Domain.Sieve.Extensions;

/// <summary>setflag, addflag, removeflag and hasflag.</summary>
/// <remarks>RFC 5232. What is no flag is passed over (§2).</remarks>
internal static class ImapFlags
{
    private const int MaxFlags = 64;

    private static readonly HashSet<string> System = new(StringComparer.OrdinalIgnoreCase) { "\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft" };

    public static SieveStep Set(SieveCompiler compiler, SyntaxCommand command) => Change(compiler, command, static (_, list) => list);

    public static SieveStep Add(SieveCompiler compiler, SyntaxCommand command) => Change(compiler, command, static (old, list) => [.. old, .. list]);

    public static SieveStep Remove(SieveCompiler compiler, SyntaxCommand command) => Change(
        compiler, command, static (old, list) => [.. old.Where(f => !list.Contains(f, StringComparer.OrdinalIgnoreCase))]);

    public static SieveCondition Has(SieveCompiler compiler, SyntaxTest test)
    {
        var arguments = new SieveArguments(compiler, test, Match.Tags);
        var match = Match.Read(compiler, arguments);
        var variables = arguments.Left > 1 ? Variable(compiler, arguments, arguments.Texts("the list of variables")) : null;
        var flags = arguments.Texts("the list of flags");
        arguments.End();

        // The keys are lists of flags as well, and case counts for none of them.
        return m => match.Any(
            m, variables is null ? m.Flags : Normalize(variables.Select(m.Variable)),
            match.Type is MatchKind.Is or MatchKind.Contains ? [.. Normalize(flags.Select(f => f.Get(m)), anything: match.Type == MatchKind.Contains).Select(f => SieveText.Of(f))] : flags);
    }

    /// <summary>The flags that :flags gives, else those of the internal variable.</summary>
    public static IReadOnlyList<string> Read(SieveMachine machine, SieveText[]? flags) =>
        flags is null ? machine.Flags : Normalize(flags.Select(f => f.Get(machine)));

    private static SieveStep Change(SieveCompiler compiler, SyntaxCommand command, Func<IReadOnlyList<string>, IReadOnlyList<string>, IReadOnlyList<string>> change)
    {
        var arguments = new SieveArguments(compiler, command);
        var variable = arguments.Left > 1 ? Variable(compiler, arguments, arguments.Texts("the variable")) : null;
        var flags = arguments.Texts("the list of flags");
        arguments.End();
        if (variable is { Length: > 1 })
        {
            throw arguments.Wrong("takes one variable");
        }

        return m =>
        {
            var list = Normalize(flags.Select(f => f.Get(m)));
            if (variable is null)
            {
                m.Flags = Normalize(change(m.Flags, list));
            }
            else
            {
                m.SetVariable(variable[0], string.Join(' ', Normalize(change(Normalize([m.Variable(variable[0])]), list))));
            }
        };
    }

    private static string[] Variable(SieveCompiler compiler, SieveArguments arguments, SieveText[] names) => compiler.Has("variables")
        ? Array.ConvertAll(names, n => Variables.Name(arguments, n, allowNamespace: true))
        : throw arguments.Wrong("a variable needs require \"variables\"");

    private static List<string> Normalize(IEnumerable<string> texts, bool anything = false)
    {
        var list = new List<string>();
        foreach (var flag in texts.SelectMany(t => t.Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries)))
        {
            if ((anything || IsFlag(flag)) && !list.Contains(flag, StringComparer.OrdinalIgnoreCase) && list.Count < MaxFlags)
            {
                list.Add(flag);
            }
        }

        return list;
    }

    // flag-keyword = atom
    private static bool IsFlag(string flag) => flag[0] == '\\'
        ? System.Contains(flag)
        : flag.Length <= Messages.MessageStore.MaxKeywordLength && flag.All(c => c is > ' ' and < '\x7f' && !"(){%*\"\\]".Contains(c, StringComparison.Ordinal));
}
