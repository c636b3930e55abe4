using System.Globalization;
using SaaS.Domain.Sieve.Matching;
using SaaS.Domain.Sieve.Syntax;

namespace SaaS.Domain.Sieve.Extensions;

/// <summary>spamtest and virustest.</summary>
/// <remarks>RFC 5235. The verdict is the scanner's of this host; what a stranger wrote into the header counts for nothing.</remarks>
internal static class SpamTests
{
    public static SieveCondition Spam(SieveCompiler compiler, SyntaxTest test)
    {
        var arguments = new SieveArguments(compiler, test, [.. Match.Tags, new("percent", TagValue.None, "spamtestplus")]);
        var match = Match.Read(compiler, arguments);
        var percent = arguments.Has("percent");
        var keys = match.Check(arguments, arguments.Texts("the value"));
        arguments.End();
        return m => match.Any(m, [Score(m.Context.SpamPercent, percent).ToString(CultureInfo.InvariantCulture)], keys);
    }

    public static SieveCondition Virus(SieveCompiler compiler, SyntaxTest test)
    {
        var arguments = new SieveArguments(compiler, test, Match.Tags);
        var match = Match.Read(compiler, arguments);
        var keys = match.Check(arguments, arguments.Texts("the value"));
        arguments.End();
        return m => match.Any(m, [m.Context.Virus.ToString(CultureInfo.InvariantCulture)], keys);
    }

    // 0 not tested, 1 not spam … 10 certainly spam; in percent 0 to 100.
    private static int Score(double? percent, bool asPercent) => percent switch
    {
        null => 0,
        { } p when asPercent => (int)Math.Clamp(p, 0, 100),
        { } p => 1 + (int)(Math.Clamp(p, 0, 100) * 9 / 100),
    };
}
