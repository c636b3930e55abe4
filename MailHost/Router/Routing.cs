using SaaS.Domain.Common;
using SaaS.Domain.Delivery;

namespace SaaS.MailHost.Router;

/// <summary>An address still to be resolved.</summary>
/// <param name="Via">The tenant whose alias, group or forward named it; null for the recipient itself.</param>
/// <param name="From">The account that forwards to it.</param>
internal sealed record Hop(MailAddress Address, TenantId? Via, AccountId? From = null);

/// <summary>One recipient on its way through the router: what is found, what is still to be looked at.</summary>
internal sealed class Routing(RouteContext context)
{
    public const int MaxRoutes = 10_000;

    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly HashSet<long> _accounts = [];
    private readonly List<Route> _routes = [];

    public RouteContext Context => context;

    public IReadOnlyList<Route> Routes => _routes;

    /// <summary>Addresses of the next level.</summary>
    public List<Hop> Next { get; private set; } = [];

    /// <summary>The first reason why a branch led nowhere.</summary>
    public Refusal? Refusal { get; private set; }

    public bool TooMany { get; private set; }

    public List<Hop> TakeLevel()
    {
        var level = Next;
        Next = [];
        return level;
    }

    /// <summary>To be resolved on the next level, unless it was seen before.</summary>
    public void Follow(string address, TenantId via, AccountId? from = null)
    {
        if (MailAddress.TryParse(address, out var parsed))
        {
            Follow(new Hop(parsed, via, from));
        }
    }

    public void Follow(Hop hop)
    {
        if (_seen.Count >= MaxRoutes)
        {
            TooMany = true;
        }
        else if (_seen.Add($"{hop.Address.LocalKey}@{hop.Address.Domain}"))
        {
            Next.Add(hop);
        }
    }

    /// <summary>False where the account is a target already.</summary>
    public bool Deliver(AccountId account, TenantId tenant, string? detail, LegacyPlatformId? home = null)
    {
        if (!_accounts.Add(account.Value))
        {
            return false;
        }

        Add(new Route.Local(account, tenant, detail, home));
        return true;
    }

    public void Relay(Hop hop) => Add(new Route.Remote(hop.Address, hop.Via));

    public void Refuse(RefusalReason reason, string text) => Refusal ??= new Refusal(reason, text);

    private void Add(Route route)
    {
        if (_routes.Count >= MaxRoutes)
        {
            TooMany = true;
            return;
        }

        _routes.Add(route);
    }
}
