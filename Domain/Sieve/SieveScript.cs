using System.Text;
using SaaS.Domain.Sieve.Syntax;

namespace SaaS.Domain.Sieve;

/// <summary>What is wrong with a script, and where; the first line is 1.</summary>
public sealed record SieveProblem(int Line, string Text)
{
    public override string ToString() => $"line {Line}: {Text}";
}

/// <summary>A checked script, ready to run any number of times and from several threads.</summary>
public sealed class SieveScript
{
    private SieveScript(SieveStep[] steps, IReadOnlyCollection<string> includes, bool variables, bool vacation) =>
        (Steps, Includes, UsesVariables, UsesVacation) = (steps, includes, variables, vacation);

    /// <summary>Names of the account's other scripts that it may include.</summary>
    public IReadOnlyCollection<string> Includes { get; }

    internal SieveStep[] Steps { get; }

    internal bool UsesVariables { get; }

    internal bool UsesVacation { get; }

    /// <summary>What may be required (RFC 5804 §1.7 "SIEVE").</summary>
    public static IReadOnlyList<string> Extensions => CommandTable.ExtensionList;

    /// <summary>A script, or what is wrong with it; never throws for what the text contains.</summary>
    public static (SieveScript? Script, SieveProblem? Problem) Compile(string text, SieveLimits limits)
    {
        if (Encoding.UTF8.GetByteCount(text) > limits.MaxScriptBytes)
        {
            return (null, new SieveProblem(1, $"a script has at most {limits.MaxScriptBytes} octets"));
        }

        try
        {
            var commands = SieveParser.Parse(text.StartsWith('\uFEFF') ? text[1..] : text, limits.MaxDepth);
            var compiler = new SieveCompiler(limits);
            var steps = compiler.Compile(commands);
            return (new SieveScript(steps, compiler.Included, compiler.Has("variables"), compiler.Has("vacation")), null);
        }
        catch (SieveSyntaxException e)
        {
            return (null, new SieveProblem(e.Line, e.Message));
        }
    }
}
