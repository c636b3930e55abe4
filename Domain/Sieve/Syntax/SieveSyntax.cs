namespace SaaS.Domain.Sieve.Syntax;

internal abstract record SieveArgument(int Line)
{
    internal sealed record Tag(int Line, string Name) : SieveArgument(Line);

    internal sealed record Number(int Line, long Value) : SieveArgument(Line);

    internal sealed record Text(int Line, string Value) : SieveArgument(Line);

    internal sealed record TextList(int Line, IReadOnlyList<Text> Values) : SieveArgument(Line);
}

/// <summary>A test as written: what it means is the compiler's business.</summary>
internal sealed record SyntaxTest(int Line, string Name, IReadOnlyList<SieveArgument> Arguments, IReadOnlyList<SyntaxTest> Tests);

/// <summary>A command as written; Block is null where it ends in a semicolon.</summary>
internal sealed record SyntaxCommand(
    int Line, string Name, IReadOnlyList<SieveArgument> Arguments, IReadOnlyList<SyntaxTest> Tests, IReadOnlyList<SyntaxCommand>? Block);
