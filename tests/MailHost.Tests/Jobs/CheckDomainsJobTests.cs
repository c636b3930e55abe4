using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using SaaS.Domain.Common;
using SaaS.Domain.Domains;
using SaaS.MailHost.Jobs;
using SaaS.TestKit;
using Xunit;

namespace SaaS.MailHost.Tests.Jobs;

/// <summary>A domain and its keys become active once a real name server shows their records, without anybody's click.</summary>
public sealed class CheckDomainsJobTests
{
    [Fact]
    public async Task What_dns_shows_is_taken_and_what_it_does_not_show_waits()
    {
        var ct = TestContext.Current.CancellationToken;
        var port = FreePort();
        await using var host = await TestHost.CreateAsync(manualClock: false, ("Dns:Server", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}")));
        var directory = new TestDirectory(host.Services.GetRequiredService<Npgsql.NpgsqlDataSource>());
        await directory.CreateTenantAsync();
        var (shown, records) = await AddAsync(host, directory, "shown.test", ct);
        var (hidden, _) = await AddAsync(host, directory, "hidden.test", ct);
        await using var dns = await TestDns.StartAsync(port, records);

        await ActivatorUtilities.CreateInstance<CheckDomainsJob>(host.Services).RunAsync(ct);

        var (state, keys) = await SeeAsync(host, shown, ct);
        Assert.Equal(DomainState.Verified, state);
        Assert.Equal([DkimKeyState.Active, DkimKeyState.Active], keys);
        (state, keys) = await SeeAsync(host, hidden, ct);
        Assert.Equal(DomainState.Pending, state);
        Assert.Equal([DkimKeyState.Published, DkimKeyState.Published], keys);
    }

    private static async Task<(DomainId Id, string[] Records)> AddAsync(TestHost host, TestDirectory directory, string name, CancellationToken ct)
    {
        await using var scope = host.Services.CreateAsyncScope();
        var domain = (await scope.ServiceProvider.GetRequiredService<DomainService>().CreateAsync(directory.Tenant, name, ct)).Value!;
        var keys = await scope.ServiceProvider.GetRequiredService<DkimKeyService>().ListAsync(domain.Id, ct);
        return (domain.Id,
        [
            $"txt-record={DomainService.ChallengeLabel}.{name},{domain.VerificationToken}",
            // A TXT record is made of strings of up to 255 octets (RFC 1035 §3.3).
            .. keys.Select(k => $"txt-record={k.Selector}._domainkey.{name},{string.Join(',', DkimKeyService.RecordOf(k).Chunk(250).Select(c => new string(c)))}"),
        ]);
    }

    private static async Task<(DomainState State, DkimKeyState[] Keys)> SeeAsync(TestHost host, DomainId id, CancellationToken ct)
    {
        await using var scope = host.Services.CreateAsyncScope();
        var domain = (await scope.ServiceProvider.GetRequiredService<DomainService>().GetAsync(id, ct)).Value!.Domain;
        var keys = await scope.ServiceProvider.GetRequiredService<DkimKeyService>().ListAsync(id, ct);
        return (domain.State, [.. keys.Select(k => k.State)]);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
