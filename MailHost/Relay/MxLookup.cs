using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using SaaS.Domain.Common;
using SaaS.Domain.Dns;
using SaaS.MailHost.Relay.Client;

namespace SaaS.MailHost.Relay;

/// <summary>Where a destination's mail may be given, in the order in which to try; or why nowhere.</summary>
internal sealed record MxResult(IReadOnlyList<RelayTarget> Targets, string? Failure = null, bool Permanent = false);

/// <summary>Finds a destination's hosts.</summary>
/// <remarks>RFC 5321 §5.1, null MX RFC 7505.</remarks>
internal sealed class MxLookup(IDnsResolver dns, RelayOptions options)
{
    private const int MaxExchangers = 10;

    public async Task<MxResult> FindAsync(string destination, CancellationToken ct)
    {
        if (options.SmartHost.Length > 0)
        {
            return await SmartHostAsync(ct);
        }

        if (DomainName.TryParseLiteral(destination, out var literal))
        {
            return IsOwn(literal, options.Port) ? Loop() : new MxResult([new RelayTarget(destination, literal, options.Port)]);
        }

        var answer = await dns.MxAsync(destination, ct);
        if (answer.Status == DnsStatus.TemporaryError)
        {
            return new MxResult([], "4.4.3 The name server does not answer.");
        }

        IReadOnlyList<string> exchangers = [destination];
        if (answer.Status == DnsStatus.Ok)
        {
            if (answer.Records is [{ Exchange: "" or "." }])
            {
                return new MxResult([], "556 5.1.10 The domain takes no mail (null MX).", Permanent: true);
            }

            exchangers = Order(answer.Records);
        }

        return await ResolveAsync(exchangers, answer.Status == DnsStatus.Ok, ct);
    }

    private async Task<MxResult> ResolveAsync(IReadOnlyList<string> exchangers, bool byMx, CancellationToken ct)
    {
        var targets = new List<RelayTarget>();
        var temporary = false;
        var loop = false;
        foreach (var host in exchangers)
        {
            // Hosts that stand at or behind ourselves would only bring the message back here.
            if (loop |= byMx && host.Equals(options.HostName, StringComparison.OrdinalIgnoreCase))
            {
                break;
            }

            var addresses = await dns.AddressesAsync(host, ct);
            temporary |= addresses.Status == DnsStatus.TemporaryError;
            if (loop |= addresses.Records.Any(a => IsOwn(a, options.Port)))
            {
                break;
            }

            var usable = addresses.Records.Where(IsUsable).OrderBy(a => a.AddressFamily == AddressFamily.InterNetworkV6 == HasV6 ? 0 : 1);
            targets.AddRange(usable.Select(a => new RelayTarget(host, a, options.Port)));
        }

        return targets.Count > 0 ? new MxResult(targets)
            : loop ? Loop()
            : temporary ? new MxResult([], "4.4.3 The name server does not answer.")
            : byMx ? new MxResult([], "4.4.4 None of the domain's mail exchangers has an address.")
            : new MxResult([], "5.1.2 The domain does not exist or takes no mail.", Permanent: true);
    }

    private async Task<MxResult> SmartHostAsync(CancellationToken ct)
    {
        var at = options.SmartHost.LastIndexOf(':');
        var host = options.SmartHost[..at];
        var port = int.Parse(options.SmartHost.AsSpan(at + 1), System.Globalization.CultureInfo.InvariantCulture);
        var addresses = await dns.AddressesAsync(host.TrimStart('[').TrimEnd(']'), ct);
        return addresses.Records.Count > 0
            ? new MxResult([.. addresses.Records.Select(a => new RelayTarget(host, a, port))])
            : new MxResult([], "4.4.3 The smart host's name cannot be resolved.");
    }

    private static List<string> Order(IReadOnlyList<MxRecord> records)
    {
        var shuffled = records.ToArray();
        Random.Shared.Shuffle(shuffled);
        return [.. shuffled.OrderBy(r => r.Preference).Select(r => r.Exchange).Where(e => e.Length > 0).Distinct().Take(MaxExchangers)];
    }

    private static MxResult Loop() => new([], "5.4.6 The mail would loop back to this host.", Permanent: true);

    private static bool IsUsable(IPAddress address) =>
        !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any) && !address.Equals(IPAddress.Broadcast)
        && !address.IsIPv6Multicast && !(address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes()[0] >= 224);

    // On the real port a loopback address can only be this machine; an MX that names one is a mistake or an attack.
    private bool IsOwn(IPAddress address, int port) =>
        port == 25 ? IPAddress.IsLoopback(address) || (options.OwnPort == 25 && OwnAddresses().Contains(address))
        : port == options.OwnPort && (IPAddress.IsLoopback(address) || OwnAddresses().Contains(address));

    private static HashSet<IPAddress> OwnAddresses() =>
        [.. NetworkInterface.GetAllNetworkInterfaces().SelectMany(n => n.GetIPProperties().UnicastAddresses).Select(u => u.Address)];

    private static bool HasV6 => Socket.OSSupportsIPv6 && OwnAddresses().Any(a =>
        a is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv6LinkLocal: false, IsIPv6UniqueLocal: false } && !IPAddress.IsLoopback(a));
}
