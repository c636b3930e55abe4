using SaaS.Domain.Sieve.Syntax;

namespace SaaS.Domain.Sieve.Extensions;

/// <summary>Names of lists, and valid_ext_list; the match type :list is with the others.</summary>
/// <remarks>RFC 6134. What lists there are is for the caller to know.</remarks>
internal static class ExternalLists
{
    private const string Prefix = "urn:ietf:params:sieve:";

    /// <summary>What an unknown name is called: it is never a list.</summary>
    private const string Unknown = "";

    public static SieveCondition Valid(SieveCompiler compiler, SyntaxTest test)
    {
        var arguments = new SieveArguments(compiler, test);
        var names = arguments.Texts("the list of list names");
        arguments.End();
        return m => Array.TrueForAll(names, n => Name(n.Get(m)) is { Length: > 0 } name && m.Fact(new SieveFact.HasList(name)) is not null);
    }

    // A colon in front stands for urn:ietf:params:sieve   RFC 6134 §2.1
    public static string Name(string text) =>
        text.Length > 200 ? Unknown
        : text.StartsWith(':') ? text[1..].ToLowerInvariant()
        : text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? text[Prefix.Length..].ToLowerInvariant()
        : Unknown;
}
