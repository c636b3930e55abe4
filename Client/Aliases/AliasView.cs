namespace SaaS.Client.Aliases;

public sealed record AliasView(
    long Id, long TenantId, long DomainId, string Address, IReadOnlyList<string> Targets, bool Enabled, DateTimeOffset CreatedAt, string Version);

/// <param name="Targets">1 to 100 addresses, here or elsewhere.</param>
public sealed record CreateAlias(string Address, IReadOnlyList<string> Targets);

/// <summary>Null leaves a field as it is.</summary>
public sealed record UpdateAlias(IReadOnlyList<string>? Targets = null, bool? Enabled = null);
