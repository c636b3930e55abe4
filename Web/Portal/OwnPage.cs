using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using SaaS.Client.Http;

namespace SaaS.Web.Portal;

/// <summary>A page of a reseller's admin or an operator.</summary>
public abstract class OwnPage : PortalPage
{
    [Inject] protected ApiClient Api { get; set; } = null!;
    [CascadingParameter] private Task<AuthenticationState>? SignedIn { get; set; }

    protected PortalUser Me { get; private set; } = new(false, false, false, null, null, null);

    protected override async Task OnInitializedAsync()
    {
        if (SignedIn is not null)
        {
            Me = PortalUser.Of((await SignedIn).User);
        }
    }
}
