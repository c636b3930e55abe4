using Xunit;

namespace SaaS.Api.Tests.Tenancy;

/// <summary>Every endpoint, as every kind of caller, at the objects of another tenant.</summary>
public sealed class TenancyMatrixTests
{
    [Fact]
    public async Task Nobody_finds_or_changes_anything_of_another_tenant()
    {
        var world = await World.CreateAsync();
        await using var host = world.Host;
        var (estate, own) = (await world.AddEstateAsync("quokka"), await world.AddEstateAsync("numbat"));
        var matrix = new TenancyMatrix(world);
        Assert.Equal("", string.Join(", ", TenancyMatrix.WithoutRow(TenancyMatrix.EndpointsOf(host).Keys, Rows.All)));
        var before = await matrix.SnapshotAsync(estate);

        var wrong = new List<string>();
        foreach (var stranger in await matrix.StrangersAsync(estate, own))
        {
            wrong.AddRange(await matrix.WalkAsync(stranger, estate, Rows.All));
            stranger.Dispose();
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Equal(before, await matrix.SnapshotAsync(estate));
        await host.OfServiceAsync(await host.RegisterAsync(
            await host.SignInAsync(estate.AdminLogin, World.Password),
            new Client.OAuthClients.CreateOAuthClient("Still there", Client.OAuthClients.OAuthClientKind.Service, ["admin"])));
    }

    /// <summary>The twin: the same walk by somebody who does see the estate is wrong at every row, so a leak could not pass.</summary>
    [Fact]
    public async Task The_matrix_fails_for_somebody_who_sees_the_objects()
    {
        var world = await World.CreateAsync();
        await using var host = world.Host;
        var estate = await world.AddEstateAsync("quokka");
        var matrix = new TenancyMatrix(world);
        using var leak = new Stranger(Kind.TenantAdmin, host.With(await host.SignInAsync(estate.AdminLogin, World.Password)));
        var readable = Rows.All.Where(r => r.Method == "GET" && r.Expect is Expect.Hidden or Expect.Filtered).Where(r => SeenByTenantAdmin(r, estate)).ToList();
        Assert.True(readable.Count > 30);
        var wrong = await matrix.WalkAsync(leak, estate, readable);
        Assert.Equal(readable.Select(r => $"TenantAdmin: GET {r.Path(estate)}"), wrong.Select(w => string.Join(' ', w.Split(' ')[..3])));

        // A change that goes through is seen twice: as an answer that is no 404, and in the snapshot.
        var before = await matrix.SnapshotAsync(estate);
        var change = Rows.All.Single(r => r.Endpoint == "PATCH /v1/aliases/{id:long}");
        Assert.Single(await matrix.WalkAsync(leak, estate, [change]));
        Assert.NotEqual(before, await matrix.SnapshotAsync(estate));
    }

    /// <summary>The twin: an endpoint without a row is named.</summary>
    [Fact]
    public void The_matrix_names_an_endpoint_without_a_row() => Assert.Equal(
        ["GET /v1/secrets"], TenancyMatrix.WithoutRow([.. Rows.All.Select(r => r.Endpoint), "GET /v1/secrets"], Rows.All));

    // What stands above the tenant stays hidden from its own admin too.
    private static bool SeenByTenantAdmin(Row row, Estate e) =>
        !row.Endpoint.StartsWith("GET /v1/resellers", StringComparison.Ordinal)
        && !row.Endpoint.StartsWith("GET /v1/nodes", StringComparison.Ordinal)
        && !row.Endpoint.StartsWith("GET /v1/queue/count", StringComparison.Ordinal)
        && !row.Endpoint.StartsWith("GET /v1/queue/destinations", StringComparison.Ordinal)

        && !row.Endpoint.StartsWith("GET /v1/me/", StringComparison.Ordinal)
        && !row.Endpoint.StartsWith("GET /v1/brands", StringComparison.Ordinal)
        && !row.Endpoint.StartsWith("GET /jmap/download", StringComparison.Ordinal)
        && !row.Path(e).StartsWith("/v1/settings/platform", StringComparison.Ordinal)
        && !row.Path(e).StartsWith("/v1/settings/reseller", StringComparison.Ordinal);
}
