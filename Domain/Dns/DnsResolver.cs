using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using DnsClient;
using DnsClient.Protocol;
using SaaS.Domain.Common;

namespace SaaS.Domain.Dns;

/// <summary>DNS over UDP with TCP behind it, cached and bounded.</summary>
public sealed class DnsResolver : IDnsResolver
{
    private const int MaxCached = 20_000;
    private static readonly TimeSpan MinTimeToLive = TimeSpan.FromSeconds(5);

    private readonly DnsOptions _options;
    private readonly TimeProvider _clock;
    private readonly LookupClient? _client;
    private readonly DnsBreaker _breaker;
    private readonly ConcurrentDictionary<(string Name, QueryType Type), (object Answer, long At, TimeSpan For)> _cache = new();

    public DnsResolver(DnsOptions options, TimeProvider clock)
    {
        _options = options;
        _clock = clock;
        _client = CreateClient(options);
        _breaker = new DnsBreaker(ProbeAsync, options.BreakFor, clock);
    }

    public ValueTask<DnsAnswer<MxRecord>> MxAsync(string name, CancellationToken ct) =>
        AskAsync(name, QueryType.MX, r => r is DnsClient.Protocol.MxRecord mx ? new MxRecord(mx.Preference, Trim(mx.Exchange)) : null, ct);

    public async ValueTask<DnsAnswer<IPAddress>> AddressesAsync(string name, CancellationToken ct)
    {
        // RFC 6761 §6.3
        if (name is "localhost" || name.EndsWith(".localhost", StringComparison.Ordinal))
        {
            return new DnsAnswer<IPAddress>(DnsStatus.Ok, [IPAddress.Loopback, IPAddress.IPv6Loopback], MinTimeToLive);
        }

        if (IPAddress.TryParse(name, out var literal))
        {
            return new DnsAnswer<IPAddress>(DnsStatus.Ok, [literal], MinTimeToLive);
        }

        var four = AskAsync(name, QueryType.A, r => (r as ARecord)?.Address, ct).AsTask();
        var six = AskAsync(name, QueryType.AAAA, r => (r as AaaaRecord)?.Address, ct).AsTask();
        var a = await four;
        var aaaa = await six;
        IReadOnlyList<IPAddress> all = [.. a.Records, .. aaaa.Records];
        var status = all.Count > 0 ? DnsStatus.Ok
            : a.Status == DnsStatus.TemporaryError || aaaa.Status == DnsStatus.TemporaryError ? DnsStatus.TemporaryError
            : DnsStatus.NotFound;
        return new DnsAnswer<IPAddress>(
            status, all, a.TimeToLive < aaaa.TimeToLive ? a.TimeToLive : aaaa.TimeToLive, a.Authenticated && aaaa.Authenticated);
    }

    public ValueTask<DnsAnswer<IPAddress>> AddressesAsync(string name, AddressFamily family, CancellationToken ct) =>
        family == AddressFamily.InterNetworkV6
            ? AskAsync(name, QueryType.AAAA, r => (r as AaaaRecord)?.Address, ct)
            : AskAsync(name, QueryType.A, r => (r as ARecord)?.Address, ct);

    public ValueTask<DnsAnswer<string>> TxtAsync(string name, CancellationToken ct) =>
        AskAsync(name, QueryType.TXT, r => r is TxtRecord txt ? string.Concat(txt.Text) : null, ct);

    public ValueTask<DnsAnswer<string>> CnameAsync(string name, CancellationToken ct) =>
        AskAsync(name, QueryType.CNAME, r => r is CNameRecord c ? Trim(c.CanonicalName) : null, ct);

    public ValueTask<DnsAnswer<string>> PtrAsync(IPAddress address, CancellationToken ct) =>
        AskAsync(address.GetArpaName(), QueryType.PTR, r => r is PtrRecord p ? Trim(p.PtrDomainName) : null, ct);

    private async ValueTask<DnsAnswer<T>> AskAsync<T>(string name, QueryType type, Func<DnsResourceRecord, T?> pick, CancellationToken ct)
        where T : class
    {
        var lower = name.ToLowerInvariant();
        if (!IsName(lower))
        {
            return new DnsAnswer<T>(DnsStatus.NotFound, [], MinTimeToLive);
        }

        var key = (lower, type);
        if (_cache.TryGetValue(key, out var cached) && _clock.GetElapsedTime(cached.At) < cached.For)
        {
            return (DnsAnswer<T>)cached.Answer;
        }

        if (_client is null || (_options.BreakFor > TimeSpan.Zero && !await _breaker.MayAskAsync()))
        {
            return Away<T>();
        }

        IDnsQueryResponse response;
        try
        {
            // The library's own parser takes host names only; names that are asked for in SPF and DKIM hold any printable character.
            var question = new DnsQuestion(DnsString.FromResponseQueryString(lower.EndsWith('.') ? lower : lower + "."), type, QueryClass.IN);
            response = await _client.QueryAsync(question, ct);
        }
        catch (ArgumentException)
        {
            // Not a name that DNS can carry.
            return new DnsAnswer<T>(DnsStatus.NotFound, [], MinTimeToLive);
        }
        catch (Exception e) when (e is DnsResponseException or SocketException or OperationCanceledException or InvalidOperationException or IOException)
        {
            ct.ThrowIfCancellationRequested();
            if (_options.BreakFor > TimeSpan.Zero)
            {
                await _breaker.SuspectAsync();
            }

            return Away<T>();
        }

        var answer = Read(response, pick);
        if (answer.Status != DnsStatus.TemporaryError)
        {
            if (_cache.Count >= MaxCached)
            {
                _cache.Clear();
            }

            _cache[key] = (answer, _clock.GetTimestamp(), answer.TimeToLive);
        }

        return answer;
    }

    private DnsAnswer<T> Read<T>(IDnsQueryResponse response, Func<DnsResourceRecord, T?> pick)
        where T : class
    {
        var code = (DnsHeaderResponseCode)response.Header.ResponseCode;
        if (code is not (DnsHeaderResponseCode.NoError or DnsHeaderResponseCode.NotExistentDomain))
        {
            return Away<T>();
        }

        var records = new List<T>();
        var ttl = _options.MaxTimeToLive;
        foreach (var record in response.Answers)
        {
            if (pick(record) is { } value)
            {
                records.Add(value);
                ttl = TimeSpan.FromSeconds(Math.Min(ttl.TotalSeconds, record.InitialTimeToLive));
            }
        }

        return records.Count == 0
            ? new DnsAnswer<T>(DnsStatus.NotFound, [], _options.MaxNegativeTimeToLive, response.Header.IsAuthenticData)
            : new DnsAnswer<T>(DnsStatus.Ok, records, ttl < MinTimeToLive ? MinTimeToLive : ttl, response.Header.IsAuthenticData);
    }

    private async Task<bool> ProbeAsync()
    {
        try
        {
            // Any answer will do, a refusal too.
            await _client!.QueryAsync(".", QueryType.NS, QueryClass.IN, CancellationToken.None);
            return true;
        }
        catch (Exception e) when (e is DnsResponseException or SocketException or OperationCanceledException or InvalidOperationException or IOException)
        {
            return false;
        }
    }

    private static LookupClient? CreateClient(DnsOptions options)
    {
        NameServer[] servers;
        if (options.Server.Length == 0)
        {
            try
            {
                servers = [.. NameServer.ResolveNameServers(skipIPv6SiteLocal: true, fallbackToGooglePublicDns: false)];
            }
            catch (Exception e) when (e is IOException or InvalidOperationException or UnauthorizedAccessException)
            {
                servers = [];
            }

            if (servers.Length == 0)
            {
                return null;
            }
        }
        else
        {
            var text = options.Server.Replace("localhost:", "127.0.0.1:", StringComparison.OrdinalIgnoreCase);
            if (!IPEndPoint.TryParse(text, out var endPoint))
            {
                throw new InvalidOperationException(
                    $"Dns:Server is not an address: {options.Server}", new FormatException("Dns:Server"));
            }

            servers = [new NameServer(endPoint.Address, endPoint.Port == 0 ? 53 : endPoint.Port)];
        }

        return new LookupClient(new LookupClientOptions(servers)
        {
            UseCache = false,
            Timeout = options.Timeout,
            Retries = 1,
            UseTcpFallback = true,
            ThrowDnsErrors = false,
            ContinueOnDnsError = true,
            UseRandomNameServer = servers.Length > 1,
        });
    }

    // RFC 1035 §2.3.4: labels of 1 to 63 octets, 255 in all.
    private static bool IsName(string name)
    {
        var text = name.AsSpan().TrimEnd('.');
        if (text.Length is 0 or > 253 || name.Length - text.Length > 1)
        {
            return false;
        }

        var label = 0;
        foreach (var c in text)
        {
            if (c is < ' ' or > '~')
            {
                return false;
            }

            label = c == '.' ? 0 : label + 1;
            if (label > 63 || (c == '.' && label == 0 && text[0] == '.'))
            {
                return false;
            }
        }

        return !name.Contains("..", StringComparison.Ordinal);
    }

    private static DnsAnswer<T> Away<T>() => new(DnsStatus.TemporaryError, [], TimeSpan.Zero);

    private static string Trim(DnsString name) =>
        DomainName.TryNormalize(name.Value, out var normal) ? normal : name.Value.TrimEnd('.').ToLowerInvariant();
}
