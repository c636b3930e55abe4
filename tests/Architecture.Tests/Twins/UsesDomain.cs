using SaaS.Domain.Common;

namespace SaaS.Architecture.Tests.Twins;

/// <summary>Breaks a rule on purpose, so that a test can see the rule turn red.</summary>
internal sealed class UsesDomain
{
    public static string Spell(Uid uid) => uid.ToString();
}
