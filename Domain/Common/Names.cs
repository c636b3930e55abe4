namespace SaaS.Domain.Common;

/// <summary>Names that people give to things: 1 to 200 characters, no controls, no blanks at the ends.</summary>
internal static class Names
{
    public const int MaxLength = 200;

    public static Refusal? Check(string? name, string field) =>
        string.IsNullOrWhiteSpace(name) ? Refusal.Invalid(field, "A name is needed.")
        : name.Length > MaxLength ? Refusal.Invalid(field, $"At most {MaxLength} characters.")
        : name.Any(char.IsControl) ? Refusal.Invalid(field, "Control characters cannot stand in a name.")
        : null;
}
