using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using SaaS.Client.Http;
using SaaS.Web.Portal;

namespace SaaS.Web.Admin;

/// <summary>
/// A page about one tenant: the admin's own under /admin, or under /tenants/{id} for a reseller or operator who looks after it.
/// </summary>
public abstract class AdminPage : PortalPage
{
    [Inject] protected ApiClient Api { get; set; } = null!;
    [CascadingParameter] private Task<AuthenticationState>? SignedIn { get; set; }

    /// <summary>From the address; null: the signed-in admin's own tenant.</summary>
    [Parameter] public long? TenantId { get; set; }

    protected PortalUser Me { get; private set; } = new(false, false, false, null, null, null);

    /// <summary>The tenant that the page is about.</summary>
    protected long Tenant { get; private set; }

    protected override async Task OnInitializedAsync()
    {
        if (SignedIn is not null)
        {
            Me = PortalUser.Of((await SignedIn).User);
        }

        Tenant = TenantId ?? Me.TenantId ?? 0;
        if (Tenant == 0)
        {
            // An operator or reseller without a tenant of their own: they pick one first.
            Navigation.NavigateTo(Me.Operator ? "/operator/tenants" : "/reseller/tenants", replace: true);
        }
    }

    /// <summary>Address of another page about the same tenant.</summary>
    protected string Link(string path = "")
    {
        var root = TenantId is { } id ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/tenants/{id}") : "/admin";
        return path.Length == 0 ? root : root + "/" + path;
    }
}
