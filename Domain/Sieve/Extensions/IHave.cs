using SaaS.Domain.Sieve.Syntax;

namespace SaaS.Domain.Sieve.Extensions;

/// <summary>ihave and error.</summary>
/// <remarks>RFC 5463. An extension that is there is in use from the test on; what is unknown is an error only where it is run.</remarks>
internal static class IHave
{
    public static SieveCondition Test(SieveCompiler compiler, SyntaxTest test)
    {
        var arguments = new SieveArguments(compiler, test);
        var names = arguments.Constants("the list of extensions");
        arguments.End();
        var all = Array.TrueForAll(names, CommandTable.Extensions.Contains);
        if (all)
        {
            Array.ForEach(names, n => compiler.Enable(n));
        }

        return _ => all;
    }

    public static SieveStep Error(SieveCompiler compiler, SyntaxCommand command)
    {
        var arguments = new SieveArguments(compiler, command);
        var text = arguments.Text("the text");
        arguments.End();
        return m => throw new SieveRunException(text.Get(m) is var t && t.Length > 500 ? t[..500] : t);
    }
}
