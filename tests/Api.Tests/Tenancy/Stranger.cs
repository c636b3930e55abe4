using SaaS.Api.Hosting;

namespace SaaS.Api.Tests.Tenancy;

/// <summary>The kinds of callers that there are.</summary>
internal enum Kind
{
    Anonymous,

    /// <summary>Somebody with a mailbox of the very tenant, and no role.</summary>
    Colleague,

    /// <summary>Somebody with a mailbox of another tenant, and no role.</summary>
    User,

    /// <summary>The admin of another tenant.</summary>
    TenantAdmin,

    /// <summary>The admin of another reseller.</summary>
    ResellerAdmin,

    /// <summary>A program (client credentials) of another tenant.</summary>
    Service,
}

/// <summary>Somebody who calls, and what the policies say about such callers.</summary>
internal sealed record Stranger(Kind Kind, HttpClient Client) : IDisposable
{
    public bool MayCall(string? policy) => policy switch
    {
        null => true,
        Policies.Operator => false,
        Policies.Reseller => Kind is Kind.ResellerAdmin,
        Policies.Admin => Kind is Kind.TenantAdmin or Kind.ResellerAdmin or Kind.Service,
        Policies.User or Policies.Self => Kind is Kind.Colleague or Kind.User or Kind.TenantAdmin or Kind.ResellerAdmin,
        _ => throw new ArgumentOutOfRangeException(nameof(policy), policy, "The matrix does not know this policy."),
    };

    public void Dispose() => Client.Dispose();
}
