using SaaS.Domain.Messages;
using SaaS.Domain.Sieve.Syntax;

namespace SaaS.Domain.Sieve.Extensions;

/// <summary>convert, as command and as test.</summary>
/// <remarks>RFC 6558. The one conversion that is offered is text/html to text/plain; others fail, which is what the test is for.</remarks>
internal static class Conversions
{
    public static SieveStep Command(SieveCompiler compiler, SyntaxCommand command)
    {
        var convert = Read(compiler, new SieveArguments(compiler, command));
        return m => convert(m);
    }

    public static SieveCondition Test(SieveCompiler compiler, SyntaxTest test) => Read(compiler, new SieveArguments(compiler, test));

    private static SieveCondition Read(SieveCompiler compiler, SieveArguments arguments)
    {
        _ = compiler;
        var from = arguments.Text("the type to convert");
        var to = arguments.Text("the type to convert to");
        arguments.Texts("the parameters");
        arguments.End();
        return m =>
        {
            if (!from.Get(m).Equals("text/html", StringComparison.OrdinalIgnoreCase) || !to.Get(m).Equals("text/plain", StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }

            BodyPart[] parts = m.Parts.Count > 0
                ? [m.Parts.Peek()]
                : [.. Mime.WithChildren(m.Content.Root).Where(p => p is { Type: "text", Subtype: "html" }).Take(100)];
            var done = false;
            foreach (var part in parts.Where(p => p is { Type: "text", Subtype: "html" }))
            {
                m.Content = m.Content.WithPart(part, Mime.Entity(Bodies.TextOf(m, part), mime: false));
                done = true;
            }

            return done;
        };
    }
}
