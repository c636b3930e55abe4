using System.Reflection;
using SaaS.Domain.Sieve.Matching;
using SaaS.Domain.Sieve.Syntax;

namespace SaaS.Domain.Sieve.Extensions;

/// <summary>environment, and the debug log that is none.</summary>
/// <remarks>RFC 5183; vnd.dovecot.environment adds username, default-mailbox and the ${env.…} variables.</remarks>
internal static class Surroundings
{
    private static readonly string Version = typeof(Surroundings).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "1";

    public static SieveCondition Environment(SieveCompiler compiler, SyntaxTest test)
    {
        var arguments = new SieveArguments(compiler, test, Match.Tags);
        var match = Match.Read(compiler, arguments);
        var name = arguments.Text("the item");
        var keys = match.Check(arguments, arguments.Texts("the list of keys"));
        arguments.End();

        // An item that is not known fails the test (RFC 5183 §4).
        return m => Value(m, name.Get(m).ToLowerInvariant()) is { } value && match.Any(m, [value], keys);
    }

    public static SieveStep DebugLog(SieveCompiler compiler, SyntaxCommand command)
    {
        var arguments = new SieveArguments(compiler, command);
        arguments.Text("the text");
        arguments.End();
        return static _ => { };
    }

    public static string? Value(SieveMachine machine, string item) => item switch
    {
        "domain" => machine.Context.Recipient.Domain,
        "host" => machine.Context.HostName,
        "location" => "MS",
        "name" => "Postyard Sieve",
        "phase" => "during",
        "version" => Version.Split('+')[0],
        "vnd.dovecot.username" or "vnd.dovecot-username" => machine.Context.OwnAddresses[0],
        "vnd.dovecot.default-mailbox" or "vnd.dovecot.default_mailbox" => "INBOX",
        _ => null,
    };
}
