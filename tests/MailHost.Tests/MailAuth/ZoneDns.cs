using System.Net;
using System.Net.Sockets;
using SaaS.Domain.Dns;

namespace SaaS.MailHost.Tests.MailAuth;

/// <summary>DNS out of a table: what is not in it does not exist, and a name can be one that nobody answers for.</summary>
internal sealed class ZoneDns : IDnsResolver
{
    private static readonly TimeSpan TimeToLive = TimeSpan.FromMinutes(1);
    private readonly Dictionary<(string Name, string Type), List<object>> _records = [];

    public int Questions { get; private set; }

    /// <summary>Name and type ("*" for all types) that time out.</summary>
    public HashSet<(string Name, string Type)> Dead { get; } = [];

    /// <summary>Every question times out.</summary>
    public bool Away { get; set; }

    public ZoneDns Add(string name, string type, object value)
    {
        var key = (name.ToLowerInvariant(), type);
        if (!_records.TryGetValue(key, out var list))
        {
            _records[key] = list = [];
        }

        list.Add(value);
        return this;
    }

    public ZoneDns Txt(string name, string value) => Add(name, "TXT", value);

    public ValueTask<DnsAnswer<MxRecord>> MxAsync(string name, CancellationToken ct) => Ask<MxRecord>(name, "MX");

    public ValueTask<DnsAnswer<IPAddress>> AddressesAsync(string name, CancellationToken ct) => Ask<IPAddress>(name, "A");

    public ValueTask<DnsAnswer<IPAddress>> AddressesAsync(string name, AddressFamily family, CancellationToken ct) =>
        Ask<IPAddress>(name, family == AddressFamily.InterNetworkV6 ? "AAAA" : "A");

    public ValueTask<DnsAnswer<string>> TxtAsync(string name, CancellationToken ct) => Ask<string>(name, "TXT");

    public ValueTask<DnsAnswer<string>> CnameAsync(string name, CancellationToken ct) => Ask<string>(name, "CNAME");

    public ValueTask<DnsAnswer<string>> PtrAsync(IPAddress address, CancellationToken ct) => Ask<string>(Reverse(address), "PTR");

    private ValueTask<DnsAnswer<T>> Ask<T>(string name, string type)
    {
        Questions++;
        name = name.ToLowerInvariant();
        for (var i = 0; i < 8 && _records.TryGetValue((name, "CNAME"), out var alias) && type != "CNAME"; i++)
        {
            name = ((string)alias[0]).ToLowerInvariant();
        }

        var found = _records.GetValueOrDefault((name, type));
        return ValueTask.FromResult(
            Away || (found is null && Dead.Contains((name, "*"))) || Dead.Contains((name, type)) ? new DnsAnswer<T>(DnsStatus.TemporaryError, [], TimeSpan.Zero)
            : found is null ? new DnsAnswer<T>(DnsStatus.NotFound, [], TimeToLive)
            : new DnsAnswer<T>(DnsStatus.Ok, [.. found.Cast<T>()], TimeToLive));
    }

    public static string Reverse(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return bytes.Length == 4
            ? $"{bytes[3]}.{bytes[2]}.{bytes[1]}.{bytes[0]}.in-addr.arpa"
            : string.Join('.', Convert.ToHexStringLower(bytes).Reverse()) + ".ip6.arpa";
    }
}
