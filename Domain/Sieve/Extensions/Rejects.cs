using SaaS.Domain.Sieve.Syntax;

namespace SaaS.Domain.Sieve.Extensions;

/// <summary>reject and ereject.</summary>
/// <remarks>RFC 5429 §2. Both are refused in the SMTP dialogue where there is one recipient, else reported by a DSN.</remarks>
internal static class Rejects
{
    private const int MaxReason = 2000;

    public static SieveStep Reject(SieveCompiler compiler, SyntaxCommand command)
    {
        var arguments = new SieveArguments(compiler, command);
        var reason = arguments.Text("the reason");
        arguments.End();
        return m =>
        {
            var text = reason.Get(m);
            m.Add(new SieveAction.Reject(text.Length > MaxReason ? text[..MaxReason] : text));
            m.ImplicitKeep = false;
        };
    }
}
