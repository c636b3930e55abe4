namespace SaaS.Fuzz;

/// <summary>What a target says must hold.</summary>
internal static class Promise
{
    public static void That(bool kept, string otherwise)
    {
        if (!kept)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
