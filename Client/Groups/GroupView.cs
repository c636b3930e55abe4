namespace SaaS.Client.Groups;

/// <param name="InternalOnly">Only senders of the tenant's own domains may write to it.</param>
public sealed record GroupView(
    long Id, long TenantId, long DomainId, string Address, string Name, bool InternalOnly, int Members, DateTimeOffset CreatedAt, string Version);

public sealed record CreateGroup(string Address, string Name, bool InternalOnly = false, IReadOnlyList<string>? Members = null);

/// <summary>Null leaves a field as it is.</summary>
public sealed record UpdateGroup(string? Name = null, bool? InternalOnly = null);

public sealed record GroupMemberView(string Address);

public sealed record AddGroupMembers(IReadOnlyList<string> Addresses);
