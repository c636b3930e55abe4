namespace SaaS.Domain.Common;

/// <summary>One page of a list in id order. <paramref name="Next"/> is the cursor of the page after it, null at the end.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);
