namespace SaaS.Migrations.Seed;

/// <summary>Somebody in the demonstration. Written to Seed:Output, one a line, for ./run and for tests.</summary>
/// <param name="Role">operator, reseller_admin, tenant_admin or user.</param>
internal sealed record DemoAccount(string Address, string Role, string Name, string? Tenant = null, bool HasMailbox = true);

/// <summary>Who lives in the demonstration: one reseller, two tenants, a domain each. All names are reserved for examples.</summary>
internal static class DemoAccounts
{
    public const string Password = "secret";

    public const string Reseller = "Hafen Hosting";
    public const string BrandHost = "hafen.localhost";
    public const string FirstTenant = "Example Company";
    public const string SecondTenant = "Beispiel Verein";
    public const string FirstDomain = "example.test";
    public const string SecondDomain = "beispiel.test";

    public static readonly IReadOnlyList<DemoAccount> All =
    [
        new("operator@platform.test", "operator", "Olivia Operator", HasMailbox: false),
        new("reseller@hafen.test", "reseller_admin", "Rune Hafen", HasMailbox: false),
        new("admin@example.test", "tenant_admin", "Ada Admin", FirstTenant),
        new("admin@beispiel.test", "tenant_admin", "Anton Verwalter", SecondTenant),
        new("alice@example.test", "user", "Alice Archer", FirstTenant),
        new("bob@example.test", "user", "Bob Baker", FirstTenant),
        new("carol@example.test", "user", "Carol Chen", FirstTenant),
        new("dora@beispiel.test", "user", "Dora Dietrich", SecondTenant),
        new("emil@beispiel.test", "user", "Emil Ernst", SecondTenant),
    ];
}
