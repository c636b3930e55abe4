namespace SaaS.Api.Hosting;

/// <summary>A member of an enum in a path or query, in any case, as our JSON writes them; numbers are not taken.</summary>
internal readonly record struct Word<T>(T Value) : IParsable<Word<T>>
    where T : struct, Enum
{
    public static Word<T> Parse(string s, IFormatProvider? provider) => TryParse(s, provider, out var word) ? word : throw new FormatException();

    public static bool TryParse(string? s, IFormatProvider? provider, out Word<T> result)
    {
        var known = Enum.TryParse<T>(s, ignoreCase: true, out var value) && s is [>= 'A', ..];
        result = new Word<T>(value);
        return known;
    }
}
