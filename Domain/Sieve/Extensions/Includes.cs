using SaaS.Domain.Sieve.Syntax;

namespace SaaS.Domain.Sieve.Extensions;

/// <summary>include, return and global.</summary>
/// <remarks>RFC 6609. :global names scripts of the site, of which there are none.</remarks>
internal static class Includes
{
    public static SieveStep Include(SieveCompiler compiler, SyntaxCommand command)
    {
        var arguments = new SieveArguments(
            compiler, command, new TagSpec("personal"), new TagSpec("global"), new TagSpec("once"), new TagSpec("optional"));
        arguments.OneOf("personal", "global");
        var name = arguments.Text("the script");
        arguments.End();
        if (name.Constant is not { Length: > 0 } constant)
        {
            throw arguments.Wrong(name.Line, "the name of a script is a plain string, without variables");
        }

        var (once, optional, global) = (arguments.Has("once"), arguments.Has("optional"), arguments.Has("global"));
        if (global)
        {
            return optional ? static _ => { } : throw arguments.Wrong("there are no global scripts here");
        }

        compiler.Include(constant);
        return m => m.Include(constant, once, optional);
    }

    public static SieveStep Return(SieveCompiler compiler, SyntaxCommand command)
    {
        new SieveArguments(compiler, command).End();
        return static m => m.Returning = true;
    }

    public static SieveStep Global(SieveCompiler compiler, SyntaxCommand command)
    {
        var arguments = new SieveArguments(compiler, command);
        if (!compiler.Has("variables"))
        {
            throw arguments.Wrong("needs require \"variables\"");
        }

        var names = Array.ConvertAll(arguments.Texts("the list of variables"), n => Variables.Name(arguments, n, allowNamespace: false));
        arguments.End();
        return m => Array.ForEach(names, m.DeclareGlobal);
    }
}
