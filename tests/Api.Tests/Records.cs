using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using SaaS.Domain.Dns;

namespace SaaS.Api.Tests;

/// <summary>DNS with the records that a test wrote into it, and nothing else.</summary>
internal sealed class Records : IDnsResolver
{
    private static readonly TimeSpan TimeToLive = TimeSpan.FromMinutes(1);

    public ConcurrentDictionary<string, string> Txt { get; } = new(StringComparer.OrdinalIgnoreCase);

    public ConcurrentDictionary<string, string> Cname { get; } = new(StringComparer.OrdinalIgnoreCase);

    public ValueTask<DnsAnswer<MxRecord>> MxAsync(string name, CancellationToken ct) => Nothing<MxRecord>();

    public ValueTask<DnsAnswer<IPAddress>> AddressesAsync(string name, CancellationToken ct) => Nothing<IPAddress>();

    public ValueTask<DnsAnswer<IPAddress>> AddressesAsync(string name, AddressFamily family, CancellationToken ct) => Nothing<IPAddress>();

    public ValueTask<DnsAnswer<string>> TxtAsync(string name, CancellationToken ct) => Of(Txt, name);

    public ValueTask<DnsAnswer<string>> CnameAsync(string name, CancellationToken ct) => Of(Cname, name);

    public ValueTask<DnsAnswer<string>> PtrAsync(IPAddress address, CancellationToken ct) => Nothing<string>();

    private static ValueTask<DnsAnswer<string>> Of(ConcurrentDictionary<string, string> records, string name) =>
        records.TryGetValue(name, out var value) ? ValueTask.FromResult(new DnsAnswer<string>(DnsStatus.Ok, [value], TimeToLive)) : Nothing<string>();

    private static ValueTask<DnsAnswer<T>> Nothing<T>() => ValueTask.FromResult(new DnsAnswer<T>(DnsStatus.NotFound, [], TimeToLive));
}
