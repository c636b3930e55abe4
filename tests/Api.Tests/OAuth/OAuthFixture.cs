using Xunit;

namespace SaaS.Api.Tests.OAuth;

/// <summary>One Api with one tenant, for the tests that change nothing of another's.</summary>
public sealed class OAuthFixture : IAsyncLifetime
{
    internal World World { get; private set; } = null!;

    internal Estate Estate { get; private set; } = null!;

    internal ApiHost Host => World.Host;

    public async ValueTask InitializeAsync()
    {
        World = await World.CreateAsync();
        Estate = await World.AddEstateAsync("wombat");
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
