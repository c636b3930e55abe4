using System.Net;
using System.Net.Sockets;

namespace SaaS.Domain.Dns;

public enum DnsStatus
{
    Ok,
    /// <summary>The name exists, the type does not, or the name does not exist.</summary>
    NotFound,
    /// <summary>No usable answer: time-out, SERVFAIL, resolver away. Try again later.</summary>
    TemporaryError,
}

/// <summary>An answer and whether it may be believed to be final.</summary>
public sealed record DnsAnswer<T>(DnsStatus Status, IReadOnlyList<T> Records, TimeSpan TimeToLive, bool Authenticated = false);

public sealed record MxRecord(int Preference, string Exchange);

/// <summary>The one door to DNS. Bounded in time; cached; a breaker answers TemporaryError at once while no resolver can be reached.</summary>
public interface IDnsResolver
{
    ValueTask<DnsAnswer<MxRecord>> MxAsync(string name, CancellationToken ct);

    ValueTask<DnsAnswer<IPAddress>> AddressesAsync(string name, CancellationToken ct);

    /// <summary>A or AAAA alone, of the very name: an address in the place of a name is not found.</summary>
    ValueTask<DnsAnswer<IPAddress>> AddressesAsync(string name, AddressFamily family, CancellationToken ct);

    /// <summary>Each record's strings joined.</summary>
    ValueTask<DnsAnswer<string>> TxtAsync(string name, CancellationToken ct);

    ValueTask<DnsAnswer<string>> CnameAsync(string name, CancellationToken ct);

    ValueTask<DnsAnswer<string>> PtrAsync(IPAddress address, CancellationToken ct);
}
