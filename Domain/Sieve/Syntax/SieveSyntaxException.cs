namespace SaaS.Domain.Sieve.Syntax;

/// <summary>The script makes no sense; caught where it is compiled.</summary>
internal sealed class SieveSyntaxException(int line, string text, bool unknown = false) : Exception(text)
{
    public int Line { get; } = line;

    /// <summary>Is about a command, test, tag or extension that is not known or not required.</summary>
    public bool Unknown { get; } = unknown;
}
