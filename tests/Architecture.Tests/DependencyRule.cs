using System.Reflection;
using System.Text.RegularExpressions;
using NetArchTest.Rules;

namespace SaaS.Architecture.Tests;

/// <summary>Types of namespaces that match <paramref name="From"/> use nothing of <paramref name="Forbidden"/> (namespace prefixes).</summary>
/// <param name="From">Regular expression over the whole namespace.</param>
/// <param name="Forbidden">Namespaces; everything below them is meant too.</param>
internal sealed record DependencyRule(string From, params string[] Forbidden)
{
    public override string ToString() => $"{From} uses none of {string.Join(", ", Forbidden)}";

    /// <summary>Every breach as "type uses what is forbidden".</summary>
    public IReadOnlyList<string> Check(IEnumerable<Assembly> assemblies)
    {
        var breaches = new List<string>();
        foreach (var assembly in assemblies)
        {
            foreach (var forbidden in Forbidden)
            {
                var found = Types.InAssembly(assembly)
                    .That().ResideInNamespaceMatching($"^{From}$")
                    .And().HaveDependencyOn(forbidden)
                    .GetTypes();
                breaches.AddRange(found.Select(t => $"{t.FullName} uses {forbidden}"));
            }
        }

        return breaches;
    }

    public bool AppliesTo(IEnumerable<Assembly> assemblies) =>
        assemblies.SelectMany(a => a.GetTypes()).Any(t => t.Namespace is { } n && Regex.IsMatch(n, $"^{From}$"));
}
