namespace SaaS.Domain.Sieve.Matching;

internal enum MatchKind
{
    Is,
    Contains,
    Matches,
    /// <summary>RFC 5231 §4.1.</summary>
    Value,
    /// <summary>RFC 5231 §4.2.</summary>
    Count,
    Regex,
    /// <summary>RFC 6134 §2.2: the keys are names of lists.</summary>
    List,
}

/// <summary>Match type, comparator and relation of a test, as its tags say.</summary>
internal sealed class Match
{
    /// <summary>For every test that compares strings.</summary>
    public static readonly TagSpec[] Tags =
    [
        new("comparator", TagValue.Text),
        new("is"),
        new("contains"),
        new("matches"),
        new("value", TagValue.Text, "relational"),
        new("count", TagValue.Text, "relational"),
        new("regex", TagValue.None, "regex"),
        new("list", TagValue.None, "extlists"),
    ];

    /// <summary>Values that one test looks for in a list.</summary>
    private const int MaxListed = 100;

    private readonly Comparator _comparator;
    private readonly Func<int, bool> _relation;

    private Match(MatchKind type, Comparator comparator, Func<int, bool> relation) => (Type, _comparator, _relation) = (type, comparator, relation);

    public MatchKind Type { get; }

    public static Match Read(SieveCompiler compiler, SieveArguments arguments)
    {
        var comparator = Comparator.AsciiCasemap;
        if (arguments.TagText("comparator") is { } name)
        {
            comparator = name.Constant is { } constant && Comparators.Find(constant) is { } known
                ? known
                : throw arguments.Wrong(name.Line, $"unknown comparator \"{name.Constant}\"");
            if (comparator is not (Comparator.Octet or Comparator.AsciiCasemap) && !compiler.Has($"comparator-{name.Constant}"))
            {
                throw new Syntax.SieveSyntaxException(name.Line, $"the comparator needs require \"comparator-{name.Constant}\"", unknown: true);
            }
        }

        var type = arguments.OneOf("is", "contains", "matches", "value", "count", "regex", "list") switch
        {
            "contains" => MatchKind.Contains,
            "matches" => MatchKind.Matches,
            "value" => MatchKind.Value,
            "count" => MatchKind.Count,
            "regex" => MatchKind.Regex,
            "list" => MatchKind.List,
            _ => MatchKind.Is,
        };
        if (comparator == Comparator.AsciiNumeric && type is MatchKind.Contains or MatchKind.Matches or MatchKind.Regex)
        {
            throw arguments.Wrong($"i;ascii-numeric cannot be used with :{type.ToString().ToLowerInvariant()}");
        }

        Func<int, bool> relation = static c => c == 0;
        if ((arguments.TagText("value") ?? arguments.TagText("count")) is { } text)
        {
            relation = text.Constant?.ToLowerInvariant() switch
            {
                "gt" => static c => c > 0,
                "ge" => static c => c >= 0,
                "lt" => static c => c < 0,
                "le" => static c => c <= 0,
                "eq" => static c => c == 0,
                "ne" => static c => c != 0,
                _ => throw arguments.Wrong(text.Line, $"a relation is gt, ge, lt, le, eq or ne, not \"{text.Constant}\""),
            };
        }

        return new Match(type, comparator, relation);
    }

    /// <summary>Says at once what is wrong with keys that are constant.</summary>
    public SieveText[] Check(SieveArguments arguments, SieveText[] keys)
    {
        if (Type == MatchKind.Regex)
        {
            foreach (var key in keys)
            {
                try
                {
                    if (key.Constant is { } constant)
                    {
                        Regexes.Parse(constant, _comparator);
                    }
                }
                catch (ArgumentException e)
                {
                    throw arguments.Wrong(key.Line, e.Message);
                }
            }
        }

        return keys;
    }

    /// <summary>True where any value matches any key; sets the match variables (RFC 5229 §3.2) unless told not to.</summary>
    public bool Any(SieveMachine machine, IEnumerable<string> values, SieveText[] keys, bool setVariables = true)
    {
        var wanted = Array.ConvertAll(keys, k => k.Get(machine));
        if (Type == MatchKind.Count)
        {
            var count = values.Count().ToString(System.Globalization.CultureInfo.InvariantCulture);
            return wanted.Any(key => _relation(Comparator.AsciiNumeric.Compare(count, key)));
        }

        if (Type == MatchKind.List)
        {
            return InLists(machine, values, wanted, setVariables);
        }

        foreach (var value in values)
        {
            foreach (var key in wanted)
            {
                machine.SpendMatch(value.Length * (Type == MatchKind.Matches ? 1 + (key.Length / 8) : 1L));
                if (One(machine, value, key, setVariables))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>One question for each list, with all the values.</summary>
    private static bool InLists(SieveMachine machine, IEnumerable<string> values, string[] lists, bool setVariables)
    {
        var asked = string.Join('\n', values.Where(v => v.Length > 0 && !v.Contains('\n', StringComparison.Ordinal)).Take(MaxListed));
        machine.SpendMatch(asked.Length);
        if (asked.Length == 0)
        {
            return false;
        }

        foreach (var list in lists)
        {
            if (Extensions.ExternalLists.Name(list) is { Length: > 0 } name && machine.Fact(new SieveFact.Listed(name, asked)) is { } found)
            {
                if (setVariables)
                {
                    machine.SetMatchValues([found]);
                }

                return true;
            }
        }

        return false;
    }

    private bool One(SieveMachine machine, string value, string key, bool setVariables)
    {
        switch (Type)
        {
            case MatchKind.Is or MatchKind.Value:
                return _relation(_comparator.Compare(value, key));
            case MatchKind.Contains:
                return _comparator.Fold(value).Contains(_comparator.Fold(key), StringComparison.Ordinal);
            case MatchKind.Matches:
                if (Wildcards.Match(value, key, _comparator) is not { } found)
                {
                    return false;
                }

                if (setVariables)
                {
                    machine.SetMatchValues([value, .. found]);
                }

                return true;
            case MatchKind.Regex:
                System.Text.RegularExpressions.Regex regex;
                try
                {
                    regex = Regexes.Parse(key, _comparator);
                }
                catch (ArgumentException e)
                {
                    throw new SieveRunException(e.Message);
                }

                if (Regexes.Match(value, regex) is not { } groups)
                {
                    return false;
                }

                if (setVariables)
                {
                    machine.SetMatchValues(groups);
                }

                return true;
            default:
                throw new InvalidOperationException("Count was answered above.");
        }
    }
}
