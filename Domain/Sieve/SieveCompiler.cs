using System.Globalization;
using System.Text;
using SaaS.Domain.Sieve.Syntax;

namespace SaaS.Domain.Sieve;

internal delegate void SieveStep(SieveMachine machine);

internal delegate bool SieveCondition(SieveMachine machine);

/// <summary>Checks a parsed script against what it requires and turns it into steps. One use, one script.</summary>
internal sealed class SieveCompiler(SieveLimits limits)
{
    private readonly HashSet<string> _required = new(StringComparer.Ordinal);
    private readonly HashSet<string> _included = new(StringComparer.Ordinal);
    /// <summary>Blocks of foreverypart around what is compiled now; null: an unnamed one.</summary>
    public Stack<string?> PartLoops { get; } = new();

    public SieveLimits Limits => limits;

    public IReadOnlyCollection<string> Included => _included;

    public bool Has(string extension) => _required.Contains(extension);

    public SieveStep[] Compile(IReadOnlyList<SyntaxCommand> commands)
    {
        var start = 0;
        while (start < commands.Count && commands[start].Name == "require")
        {
            Require(commands[start++]);
        }

        return Block(commands.Skip(start));
    }

    /// <summary>The names of scripts that the script may include, for whoever runs it to bring.</summary>
    public void Include(string name) => _included.Add(name);

    public SieveStep[] Block(IEnumerable<SyntaxCommand> commands)
    {
        var steps = new List<SieveStep>();
        List<(SieveCondition?, SieveStep[])>? chain = null;
        foreach (var command in commands)
        {
            if (command.Name is "elsif" or "else")
            {
                if (chain is null)
                {
                    throw new SieveSyntaxException(command.Line, $"{command.Name} must follow if or elsif");
                }

                chain.Add(Branch(command));
                chain = command.Name == "else" ? null : chain;
                continue;
            }

            chain = null;
            if (command.Name == "if")
            {
                var branches = chain = [Branch(command)];
                steps.Add(m => RunBranches(m, branches));
                continue;
            }

            steps.Add(Deferring(() => Command(command), e => _ => throw new SieveRunException($"line {e.Line}: {e.Message}")));
        }

        return [.. steps];
    }

    private SieveStep Command(SyntaxCommand command)
    {
        if (command.Name == "require")
        {
            throw new SieveSyntaxException(command.Line, "require must stand at the start of the script");
        }

        if (!CommandTable.Commands.TryGetValue(command.Name, out var entry))
        {
            throw new SieveSyntaxException(
                command.Line,
                CommandTable.Tests.ContainsKey(command.Name) ? $"'{command.Name}' is a test, not a command" : $"unknown command '{command.Name}'",
                unknown: true);
        }

        Needs(command.Line, $"'{command.Name}'", entry.Extensions);
        if (command.Block is not null != entry.TakesBlock)
        {
            throw new SieveSyntaxException(command.Line, $"'{command.Name}' {(entry.TakesBlock ? "needs a" : "takes no")} block");
        }

        return command.Tests.Count > 0
            ? throw new SieveSyntaxException(command.Line, $"'{command.Name}' takes no test")
            : entry.Compile(this, command);
    }

    public SieveCondition Test(SyntaxTest test)
    {
        if (!CommandTable.Tests.TryGetValue(test.Name, out var entry))
        {
            throw new SieveSyntaxException(
                test.Line,
                CommandTable.Commands.ContainsKey(test.Name) ? $"'{test.Name}' is a command, not a test" : $"unknown test '{test.Name}'",
                unknown: true);
        }

        Needs(test.Line, $"'{test.Name}'", entry.Extensions);
        if (test.Tests.Count > 0 && !entry.TakesTests)
        {
            throw new SieveSyntaxException(test.Line, $"'{test.Name}' takes no test");
        }

        var condition = entry.Compile(this, test);
        return m =>
        {
            m.Spend();
            return condition(m);
        };
    }

    /// <summary>A string as it will be used: encoded characters decoded (RFC 5228 §2.4.2.4), variables found (RFC 5229 §3).</summary>
    public SieveText Text(SieveArgument.Text text) =>
        SieveText.Parse(Has("encoded-character") ? EncodedCharacters.Decode(text.Value, text.Line) : text.Value, Has("variables"), text.Line);

    /// <summary>Takes an extension into use; false where we have not got it.</summary>
    public bool Enable(string extension)
    {
        if (!CommandTable.Extensions.Contains(extension))
        {
            return false;
        }

        _required.Add(extension);
        if (extension == "vacation-seconds")
        {
            // RFC 6131 §1: it includes vacation.
            _required.Add("vacation");
        }
        else if (extension == "spamtestplus")
        {
            _required.Add("spamtest");
        }

        return true;
    }

    private void Require(SyntaxCommand command)
    {
        if (command.Block is not null || command.Tests.Count > 0)
        {
            throw new SieveSyntaxException(command.Line, "require takes a list of extensions and ends in ';'");
        }

        var arguments = new SieveArguments(this, command);
        foreach (var name in arguments.Constants("the list of extensions"))
        {
            if (!Enable(name))
            {
                throw new SieveSyntaxException(command.Line, $"require: unknown extension \"{name}\"");
            }
        }

        arguments.End();
    }

    // Behind "ihave" what is unknown is only an error where it is run (RFC 5463 §4).
    private T Deferring<T>(Func<T> compile, Func<SieveSyntaxException, T> fail)
    {
        try
        {
            return compile();
        }
        catch (SieveSyntaxException e) when (e.Unknown && Has("ihave"))
        {
            return fail(e);
        }
    }

    private void Needs(int line, string what, string[] extensions)
    {
        if (extensions.Length > 0 && !extensions.Any(Has))
        {
            throw new SieveSyntaxException(line, $"{what} needs require \"{extensions[0]}\"", unknown: true);
        }
    }

    private (SieveCondition?, SieveStep[]) Branch(SyntaxCommand command)
    {
        if (command.Block is null)
        {
            throw new SieveSyntaxException(command.Line, $"{command.Name} needs a block");
        }

        if (command.Arguments.Count > 0)
        {
            throw new SieveSyntaxException(command.Line, $"{command.Name} takes {(command.Name == "else" ? "nothing" : "a test")} and a block");
        }

        if (command.Name == "else")
        {
            return command.Tests.Count > 0
                ? throw new SieveSyntaxException(command.Line, "else takes no test")
                : (null, Block(command.Block));
        }

        if (command.Tests.Count != 1)
        {
            throw new SieveSyntaxException(command.Line, $"{command.Name} takes one test");
        }

        var condition = Deferring(() => Test(command.Tests[0]), e => _ => throw new SieveRunException($"line {e.Line}: {e.Message}"));
        return (condition, Block(command.Block));
    }

    private static void RunBranches(SieveMachine machine, List<(SieveCondition? Condition, SieveStep[] Block)> branches)
    {
        foreach (var (condition, block) in branches)
        {
            if (condition is null || condition(machine))
            {
                machine.Run(block);
                return;
            }
        }
    }
}

/// <summary>${hex: …} and ${unicode: …} (RFC 5228 §2.4.2.4).</summary>
internal static class EncodedCharacters
{
    public static string Decode(string text, int line)
    {
        if (!text.Contains("${", StringComparison.Ordinal))
        {
            return text;
        }

        var result = new StringBuilder();
        var octets = new List<byte>();
        var at = 0;
        while (at < text.Length)
        {
            if (text[at] == '$' && at + 1 < text.Length && text[at + 1] == '{' && text.IndexOf('}', at) is > 0 and var end
                && TryDecode(text.AsSpan(at + 2, end - at - 2), octets, line))
            {
                at = end + 1;
                continue;
            }

            Flush(octets, result);
            result.Append(text[at++]);
        }

        Flush(octets, result);
        return result.ToString();
    }

    // Neighbouring hex escapes may spell one character's octets together.
    private static void Flush(List<byte> octets, StringBuilder result)
    {
        if (octets.Count > 0)
        {
            var bytes = octets.ToArray();
            result.Append((System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8 : Encoding.Latin1).GetString(bytes));
            octets.Clear();
        }
    }

    private static bool TryDecode(ReadOnlySpan<char> inside, List<byte> octets, int line)
    {
        var hex = inside.StartsWith("hex:", StringComparison.OrdinalIgnoreCase);
        if (!hex && !inside.StartsWith("unicode:", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var found = new List<byte>();
        var words = inside[(hex ? 4 : 8)..].ToString().Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
        foreach (var word in words)
        {
            if (word.Length > (hex ? 2 : 6 + word.Length - word.TrimStart('0').Length)
                || !int.TryParse(word, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            {
                return false;
            }

            if (hex)
            {
                found.Add((byte)value);
            }
            else if (!Rune.IsValid(value))
            {
                throw new SieveSyntaxException(line, $"U+{value:X} is not a Unicode character");
            }
            else
            {
                found.AddRange(Encoding.UTF8.GetBytes(new Rune(value).ToString()));
            }
        }

        if (words.Length == 0)
        {
            return false;
        }

        octets.AddRange(found);
        return true;
    }
}
