using System.Globalization;
using System.Net;
using System.Net.Sockets;
using SaaS.Domain.Common;
using SaaS.Domain.Dns;

namespace SaaS.MailHost.MailAuth.Spf;

/// <summary>What SPF says of one client and identity.</summary>
/// <param name="Identity">mailfrom or helo.</param>
/// <param name="Domain">Whose record was asked; A-label form.</param>
/// <param name="Explanation">Of a fail, where the domain's owner gives one.</param>
/// <param name="Mechanism">The directive that matched.</param>
/// <param name="Reason">Why, in words for people.</param>
internal sealed record SpfResult(
    AuthResult Result, string Identity, string Domain, string? Explanation = null, string? Mechanism = null, string? Reason = null);

/// <summary>check_host().</summary>
/// <remarks>RFC 7208; limits §4.6.4.</remarks>
internal sealed class SpfChecker(IDnsResolver dns, TimeProvider clock, string receiver)
{
    private const int MaxLookups = 10;
    private const int MaxVoid = 2;
    private const int MaxNames = 10;
    private const int MaxExplanation = 1000;

    /// <param name="address">Of the client.</param>
    /// <param name="helo">As the client said it.</param>
    /// <param name="sender">Reverse-path; empty or null: the HELO name is checked (RFC 7208 §2.4).</param>
    /// <param name="ct">Ends it.</param>
    public async Task<SpfResult> CheckAsync(IPAddress address, string helo, string? sender, CancellationToken ct)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        var identity = string.IsNullOrEmpty(sender) ? "helo" : "mailfrom";
        var whole = identity == "helo" ? helo : sender!;
        var at = whole.LastIndexOf('@');
        var (local, name) = at < 0 ? ("", whole) : (whole[..at], whole[(at + 1)..]);
        if (!TryDomain(name, out var domain) || !domain.Contains('.', StringComparison.Ordinal))
        {
            return new SpfResult(AuthResult.None, identity, name, Reason: "no domain that could have a record");
        }

        var query = new Query(this, address, helo, local.Length == 0 ? "postmaster" : local, domain, ct);
        try
        {
            return await query.CheckAsync(domain, explain: true) with { Identity = identity };
        }
        catch (Stop stop)
        {
            return new SpfResult(stop.Result, identity, domain, Reason: stop.Message);
        }
        catch (SpfSyntaxException e)
        {
            return new SpfResult(AuthResult.PermError, identity, domain, Reason: e.Message);
        }
    }

    // RFC 7208 §4.3: labels of 1 to 63 octets; U-labels are asked for as A-labels.
    private static bool TryDomain(string text, out string domain)
    {
        domain = text.EndsWith('.') ? text[..^1] : text;
        if (!System.Text.Ascii.IsValid(domain))
        {
            if (!DomainName.TryNormalize(domain, out var ascii))
            {
                return false;
            }

            domain = ascii;
        }

        domain = domain.ToLowerInvariant();
        return domain.Length is > 0 and <= 253 && domain.Split('.').All(l => l.Length is > 0 and <= 63)
            && domain.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0 && domain[0] != '[';
    }

    private sealed class Stop(AuthResult result, string reason) : Exception(reason)
    {
        public AuthResult Result => result;
    }

    /// <summary>One evaluation with its counters, through all includes and redirects.</summary>
    private sealed class Query(SpfChecker checker, IPAddress address, string helo, string local, string senderDomain, CancellationToken ct)
    {
        private int _lookups;
        private int _voids;
        private IReadOnlyList<string>? _names;

        public async Task<SpfResult> CheckAsync(string domain, bool explain)
        {
            var record = await FindAsync(domain);
            if (record is null)
            {
                return new SpfResult(AuthResult.None, "", domain, Reason: "no SPF record");
            }

            foreach (var directive in record.Directives)
            {
                if (await MatchesAsync(directive, domain))
                {
                    return new SpfResult(
                        directive.Result, "", domain,
                        directive.Result == AuthResult.Fail && explain && record.Explanation is { } e ? await ExplainAsync(e, domain) : null,
                        directive.Text, $"{directive.Text} of {domain}");
                }
            }

            if (record.Redirect is null)
            {
                return new SpfResult(AuthResult.Neutral, "", domain, Reason: "nothing matched");
            }

            Count("redirect");
            var target = await TargetAsync(record.Redirect, domain);
            var there = TryDomain(target, out var name) ? await CheckAsync(name, explain) : null;
            return there is { Result: not AuthResult.None } ? there : throw new Stop(AuthResult.PermError, $"redirect to {target}, which has no record");
        }

        private async Task<SpfRecord?> FindAsync(string domain)
        {
            var answer = await checker.Dns.TxtAsync(domain, ct);
            if (answer.Status == DnsStatus.TemporaryError)
            {
                throw new Stop(AuthResult.TempError, $"DNS does not answer for {domain}");
            }

            return answer.Records.Where(SpfRecord.IsRecord).ToList() switch
            {
                [] => null,
                [var one] => SpfRecord.Parse(one),
                _ => throw new Stop(AuthResult.PermError, $"{domain} has several records"),
            };
        }

        private async Task<bool> MatchesAsync(SpfDirective d, string domain)
        {
            switch (d.Mechanism)
            {
                case SpfMechanism.All:
                    return true;
                case SpfMechanism.Ip4:
                    return address.AddressFamily == AddressFamily.InterNetwork && InNetwork(d.Network!, d);
                case SpfMechanism.Ip6:
                    return address.AddressFamily == AddressFamily.InterNetworkV6 && InNetwork(d.Network!, d);
            }

            Count(d.Text);
            var target = d.Domain is null ? domain : await TargetAsync(d.Domain, domain);
            if (d.Mechanism == SpfMechanism.Include)
            {
                // RFC 7208 §5.2
                var inner = TryDomain(target, out var name) ? (await CheckAsync(name, explain: false)).Result : AuthResult.None;
                return inner switch
                {
                    AuthResult.Pass => true,
                    AuthResult.None => throw new Stop(AuthResult.PermError, $"include of {target}, which has no record"),
                    _ => false,
                };
            }

            if (!TryDomain(target, out target))
            {
                return false;
            }

            switch (d.Mechanism)
            {
                case SpfMechanism.A:
                    return (await AddressesAsync(target, address.AddressFamily)).Any(a => InNetwork(a, d));
                case SpfMechanism.Exists:
                    return (await AddressesAsync(target, AddressFamily.InterNetwork)).Count > 0;
                case SpfMechanism.Ptr:
                    return (await NamesAsync()).Any(n => IsWithin(n, target));
                default:
                    return await MatchesMxAsync(d, target);
            }
        }

        private async Task<bool> MatchesMxAsync(SpfDirective d, string target)
        {
            var answer = Void(await checker.Dns.MxAsync(target, ct), target);
            if (answer.Records.Count > MaxNames)
            {
                throw new Stop(AuthResult.PermError, $"{target} has more than {MaxNames} MX records");
            }

            foreach (var mx in answer.Records)
            {
                if (TryDomain(mx.Exchange, out var host) && (await AddressesAsync(host, address.AddressFamily)).Any(a => InNetwork(a, d)))
                {
                    return true;
                }
            }

            return false;
        }

        private async Task<IReadOnlyList<IPAddress>> AddressesAsync(string name, AddressFamily family) =>
            Void(await checker.Dns.AddressesAsync(name, family, ct), name).Records;

        private DnsAnswer<T> Void<T>(DnsAnswer<T> answer, string name) => answer.Status switch
        {
            DnsStatus.TemporaryError => throw new Stop(AuthResult.TempError, $"DNS does not answer for {name}"),
            DnsStatus.NotFound when ++_voids > MaxVoid => throw new Stop(AuthResult.PermError, $"more than {MaxVoid} look-ups that find nothing"),
            _ => answer,
        };

        private void Count(string what)
        {
            if (++_lookups > MaxLookups)
            {
                throw new Stop(AuthResult.PermError, $"more than {MaxLookups} look-ups at {what}");
            }
        }

        /// <summary>The client's names that lead back to it, at most ten (RFC 7208 §5.5). Errors leave names out.</summary>
        private async Task<IReadOnlyList<string>> NamesAsync()
        {
            if (_names is not null)
            {
                return _names;
            }

            var names = new List<string>();
            foreach (var name in (await checker.Dns.PtrAsync(address, ct)).Records.Take(MaxNames))
            {
                if (TryDomain(name, out var host) && (await checker.Dns.AddressesAsync(host, address.AddressFamily, ct)).Records.Contains(address))
                {
                    names.Add(host);
                }
            }

            return _names = names;
        }

        private async ValueTask<string> TargetAsync(string spec, string domain)
        {
            var name = await SpfMacro.ExpandAsync(spec, explanation: false, letter => ValueAsync(letter, domain));
            // RFC 7208 §7.3: labels are taken away from the left until it fits.
            while (name.Length > 253 && name.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot)
            {
                name = name[(dot + 1)..];
            }

            return name;
        }

        private async Task<string?> ExplainAsync(string spec, string domain)
        {
            try
            {
                if (TryDomain(await TargetAsync(spec, domain), out var name)
                    && await checker.Dns.TxtAsync(name, ct) is { Status: DnsStatus.Ok, Records: [var text] } && System.Text.Ascii.IsValid(text))
                {
                    var explained = await SpfMacro.ExpandAsync(text, explanation: true, letter => ValueAsync(letter, domain));
                    return explained.Length > MaxExplanation ? explained[..MaxExplanation] : explained;
                }
            }
            catch (SpfSyntaxException)
            {
                // RFC 7208 §6.2: as if there were none.
            }

            return null;
        }

        // RFC 7208 §7.2
        private async ValueTask<string> ValueAsync(char letter, string domain) => letter switch
        {
            's' => $"{local}@{senderDomain}",
            'l' => local,
            'o' => senderDomain,
            'd' => domain,
            'i' => address.AddressFamily == AddressFamily.InterNetwork ? address.ToString()
                : string.Join('.', Convert.ToHexString(address.GetAddressBytes()).ToCharArray()),
            'p' => await NameAsync(domain),
            'v' => address.AddressFamily == AddressFamily.InterNetwork ? "in-addr" : "ip6",
            'h' => helo,
            'c' => address.ToString(),
            'r' => checker.Receiver,
            't' => checker.Clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            _ => throw new SpfSyntaxException($"\"{letter}\" is no macro letter"),
        };

        private async Task<string> NameAsync(string domain)
        {
            var names = await NamesAsync();
            return names.FirstOrDefault(n => n == domain) ?? names.FirstOrDefault(n => IsWithin(n, domain)) ?? (names.Count > 0 ? names[0] : null) ?? "unknown";
        }

        private bool InNetwork(IPAddress network, SpfDirective d)
        {
            if (network.AddressFamily != address.AddressFamily)
            {
                return false;
            }

            var prefix = address.AddressFamily == AddressFamily.InterNetwork ? d.Prefix4 : d.Prefix6;
            Span<byte> a = stackalloc byte[16], n = stackalloc byte[16];
            address.TryWriteBytes(a, out _);
            network.TryWriteBytes(n, out _);
            var whole = prefix / 8;
            return a[..whole].SequenceEqual(n[..whole]) && (prefix % 8 == 0 || (a[whole] ^ n[whole]) >> (8 - (prefix % 8)) == 0);
        }

        private static bool IsWithin(string name, string domain) => name == domain || name.EndsWith("." + domain, StringComparison.Ordinal);
    }

    private IDnsResolver Dns => dns;

    private TimeProvider Clock => clock;

    private string Receiver => receiver;
}
