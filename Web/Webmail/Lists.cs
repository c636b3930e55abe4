namespace SaaS.Web.Webmail;

internal static class Lists
{
    /// <summary>The first, or nothing when there is none.</summary>
    public static T? Front<T>(this IReadOnlyList<T>? list) where T : class => list is { Count: > 0 } ? list[0] : null;
}
