using SaaS.Domain.Common;

namespace SaaS.Api.Hosting;

/// <summary>Who the bearer token of this request speaks for; set by <see cref="CallerMiddleware"/>.</summary>
internal sealed class CurrentUser
{
    public bool SignedIn { get; set; }

    /// <summary>Null for a service client.</summary>
    public long? UserId { get; set; }

    public string Login { get; set; } = "";

    /// <summary>The sign-in that the token follows from, where it is one of the web client.</summary>
    public Guid? Session { get; set; }

    /// <summary>The user's own mailbox; null where there is none.</summary>
    public AccountId? Account { get; set; }

    public TenantId? Tenant { get; set; }

    public ResellerId? Reseller { get; set; }

    /// <summary>The OAuth client of the token.</summary>
    public string ClientId { get; set; } = "";

    /// <summary>mail.read, mail.send, admin.</summary>
    public IReadOnlySet<string> Scopes { get; set; } = new HashSet<string>();

    /// <summary>How far the widest role reaches, with scope admin only.</summary>
    public CallerScope? AdminScope { get; set; }
}
