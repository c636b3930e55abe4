using SaaS.Domain.Sieve.Matching;
using SaaS.Domain.Sieve.Syntax;

namespace SaaS.Domain.Sieve.Extensions;

/// <summary>true, false, not, allof, anyof, exists, header and size.</summary>
/// <remarks>RFC 5228 §5; :index and :last RFC 5260 §6; :mime RFC 5703 §4.</remarks>
internal static class BaseTests
{
    public static SieveCondition True(SieveCompiler compiler, SyntaxTest test)
    {
        new SieveArguments(compiler, test).End();
        return static _ => true;
    }

    public static SieveCondition False(SieveCompiler compiler, SyntaxTest test)
    {
        new SieveArguments(compiler, test).End();
        return static _ => false;
    }

    public static SieveCondition Not(SieveCompiler compiler, SyntaxTest test)
    {
        var inner = Several(compiler, test);
        return inner is [var one] ? m => !one(m) : throw new SieveSyntaxException(test.Line, "not takes one test");
    }

    public static SieveCondition AllOf(SieveCompiler compiler, SyntaxTest test)
    {
        var tests = Several(compiler, test);
        return m => Array.TrueForAll(tests, t => t(m));
    }

    public static SieveCondition AnyOf(SieveCompiler compiler, SyntaxTest test)
    {
        var tests = Several(compiler, test);
        return m => Array.Exists(tests, t => t(m));
    }

    public static SieveCondition Exists(SieveCompiler compiler, SyntaxTest test)
    {
        var arguments = new SieveArguments(compiler, test, HeaderFields.MimeTags);
        var fields = HeaderFields.Read(arguments);
        arguments.End();
        return m => fields.Names(m).All(name => fields.Find(m, name).Any());
    }

    public static SieveCondition Header(SieveCompiler compiler, SyntaxTest test)
    {
        var arguments = new SieveArguments(compiler, test, [.. Match.Tags, .. HeaderFields.IndexTags, .. HeaderFields.MimeTags, .. HeaderFields.ValueTags]);
        var match = Match.Read(compiler, arguments);
        var part = HeaderFields.ReadValue(arguments);
        var fields = HeaderFields.Read(arguments);
        var keys = match.Check(arguments, arguments.Texts("the list of keys"));
        arguments.End();
        return m => match.Any(m, fields.All(m).SelectMany(f => part(m, f)), keys);
    }

    public static SieveCondition Size(SieveCompiler compiler, SyntaxTest test)
    {
        var arguments = new SieveArguments(compiler, test, new TagSpec("over", TagValue.Number), new TagSpec("under", TagValue.Number));
        arguments.End();
        var limit = arguments.OneOf("over", "under") switch
        {
            "over" => arguments.TagNumber("over")!.Value,
            "under" => arguments.TagNumber("under")!.Value,
            _ => throw arguments.Wrong("needs ':over' or ':under'"),
        };
        var over = arguments.Has("over");
        return m => over ? m.Context.Message.Length > limit : m.Context.Message.Length < limit;
    }

    private static SieveCondition[] Several(SieveCompiler compiler, SyntaxTest test)
    {
        new SieveArguments(compiler, test).End();
        return test.Tests.Count == 0
            ? throw new SieveSyntaxException(test.Line, $"{test.Name} takes a test")
            : [.. test.Tests.Select(compiler.Test)];
    }
}
