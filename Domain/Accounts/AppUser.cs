using Microsoft.AspNetCore.Identity;
using SaaS.Domain.Common;

namespace SaaS.Domain.Accounts;

/// <summary>Somebody who can sign in. Users of a mailbox have <see cref="AccountId"/>; operators and resellers need none.</summary>
public sealed class AppUser : IdentityUser<long>
{
    public required string DisplayName { get; set; }
    public AccountId? AccountId { get; set; }
    public TenantId? TenantId { get; set; }
    public bool Disabled { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
}
