using System.Net.Http.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using SaaS.Client.OAuthClients;
using SaaS.Client.Http;

namespace SaaS.Api.Tests.Tenancy;

/// <summary>Walks every endpoint as somebody, at the objects of an estate that is not theirs, and says what was wrong.</summary>
internal sealed class TenancyMatrix
{
    private readonly World _world;
    private readonly Dictionary<string, RouteEndpoint> _endpoints;

    public TenancyMatrix(World world)
    {
        _world = world;
        _endpoints = EndpointsOf(world.Host);
    }

    /// <summary>Method and pattern of everything that is mapped.</summary>
    public static Dictionary<string, RouteEndpoint> EndpointsOf(ApiHost host)
    {
        var all = new Dictionary<string, RouteEndpoint>(StringComparer.Ordinal);
        foreach (var endpoint in host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var pattern = "/" + endpoint.RoutePattern.RawText!.Trim('/');
            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["ANY"])
            {
                all[$"{method} {pattern}"] = endpoint;
            }
        }

        return all;
    }

    public static IReadOnlyList<string> WithoutRow(IEnumerable<string> endpoints, IEnumerable<Row> rows) =>
        [.. endpoints.Except(rows.Select(r => r.Endpoint), StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Everybody who has no business with <paramref name="of"/>.</summary>
    public async Task<IReadOnlyList<Stranger>> StrangersAsync(Estate of, Estate own)
    {
        var host = _world.Host;
        var admin = await host.SignInAsync(own.AdminLogin, World.Password);
        var service = await host.RegisterAsync(admin, new CreateOAuthClient("Walker", OAuthClientKind.Service, ["admin"]));
        return
        [
            new(Kind.Anonymous, host.With((string?)null)),
            new(Kind.Colleague, host.With(await host.SignInAsync(of.UserLogin, World.Password))),
            new(Kind.User, host.With(await host.SignInAsync(own.UserLogin, World.Password))),
            new(Kind.TenantAdmin, host.With(admin)),
            new(Kind.ResellerAdmin, host.With(await host.SignInAsync(own.ResellerLogin, World.Password))),
            new(Kind.Service, host.With(await host.OfServiceAsync(service))),
        ];
    }

    public async Task<List<string>> WalkAsync(Stranger who, Estate estate, IEnumerable<Row> rows)
    {
        var wrong = new List<string>();
        foreach (var row in rows)
        {
            if (who.Kind == Kind.Colleague && row.Expect == Expect.Own && row.Method != "GET")
            {
                // The colleague lives in this estate: what would change is the colleague's own name.
                continue;
            }

            if (await CallAsync(who, estate, row) is { } why)
            {
                wrong.Add($"{who.Kind}: {row.Method} {row.Path(estate)} {why}");
            }
        }

        return wrong;
    }

    private async Task<string?> CallAsync(Stranger who, Estate estate, Row row)
    {
        using var request = new HttpRequestMessage(new HttpMethod(row.Method), row.Path(estate));
        request.Content = row.Body?.Invoke(estate) is { } body ? JsonContent.Create(body, options: ApiJson.Options) : null;
        using var answer = await who.Client.SendAsync(
            request, row.Expect == Expect.Stream ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead);
        var status = (int)answer.StatusCode;
        var policy = _endpoints[row.Endpoint].Metadata.GetMetadata<IAuthorizeData>()?.Policy;
        if (row.Expect != Expect.Public && !who.MayCall(policy))
        {
            var refused = who.Kind == Kind.Anonymous ? 401 : 403;
            return status == refused ? null : $"answered {status}, not {refused}";
        }

        if (row.Expect == Expect.Stream)
        {
            // Who has no mailbox has nothing to listen to.
            return status == 200 || (status == 403 && who.Kind == Kind.ResellerAdmin) ? null : $"answered {status}, not 200";
        }

        var text = await answer.Content.ReadAsStringAsync();
        if (text.Contains(estate.Mark, StringComparison.OrdinalIgnoreCase) && !(who.Kind == Kind.Colleague && (row.Expect == Expect.Own || row.Endpoint.EndsWith("/userinfo", StringComparison.Ordinal))))
        {
            return $"answered {status} and shows it: {text[..Math.Min(300, text.Length)]}";
        }

        return row.Expect switch
        {
            // A reference to it in a body is a field that names nothing.
            Expect.Hidden => status == 404 || (status == 422 && text.Contains("No such ", StringComparison.Ordinal)) ? null : $"answered {status}, not 404: {text[..Math.Min(300, text.Length)]}",
            Expect.Filtered => status == 200 ? null : $"answered {status}, not 200",
            Expect.NoAccount => status == 200 && Count(text, "accountNotFound") == 9 ? null : $"answered {status}: {text}",
            Expect.Own => status is 200 or 204 or 422 ? null : $"answered {status}",
            _ => status < 500 ? null : $"answered {status}",
        };
    }

    /// <summary>All that an operator sees of an estate: the same before and after a walk.</summary>
    public async Task<string> SnapshotAsync(Estate e)
    {
        using var client = _world.Host.With(await _world.OperatorAsync());
        var parts = new List<string>();
        foreach (var path in new[]
        {
            $"/v1/resellers/{e.Reseller}", $"/v1/resellers/{e.Reseller}/admins", "/v1/plans", $"/v1/tenants?resellerId={e.Reseller}",
            $"/v1/domains?tenantId={e.Tenant}", $"/v1/accounts?tenantId={e.Tenant}", $"/v1/aliases?tenantId={e.Tenant}",
            $"/v1/groups?tenantId={e.Tenant}", $"/v1/groups/{e.Group}/members", "/v1/brands", $"/v1/queue?tenantId={e.Tenant}",
            $"/v1/legacy-platforms?tenantId={e.Tenant}", $"/v1/settings/reseller/{e.Reseller}", $"/v1/settings/tenant/{e.Tenant}", $"/v1/settings/domain/{e.Domain}",
            $"/v1/settings/account/{e.Account}", "/v1/settings/platform/0", $"/v1/audit?tenantId={e.Tenant}",
        })
        {
            parts.Add(path + " " + await client.GetStringAsync(path));
        }

        return string.Join('\n', parts);
    }

    private static int Count(string text, string word) => text.Split(word).Length - 1;
}
